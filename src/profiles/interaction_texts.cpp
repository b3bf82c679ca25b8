#include "profiles/interaction_texts.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/utf8.hpp"
#include "profiles/window_encoder.hpp"

namespace persona4rec {
namespace {

class TextPasses {
 public:
  TextPasses(const InteractionTextsOptions& options, const InteractionRows& rows, const ProfileText& texts,
             TextEncoder& encoder)
      : options_(options),
        rows_(rows),
        texts_(texts),
        empty_text_(trim(texts.options().query_prefix)),
        out_{.vectors = std::vector<float>(rows.rows() * encoder.dimensions()),
             .corpus = TermCorpus(WordTokenizer(StopWords::resolve(options.words.stop_words))),
             .has_text_of_row = std::vector<std::uint8_t>(rows.rows(), 0)},
        encoder_(encoder, out_.vectors, options.progress, rows.rows()) {}

  InteractionTexts run() {
    for (const auto access : kRowAccesses) {
      if (std::find(rows_.access_of_row.begin(), rows_.access_of_row.end(), access) != rows_.access_of_row.end())
        read_pass(access);
    }
    out_.counts = encoder_.counts();
    return std::move(out_);
  }

 private:
  void read_pass(RowAccess access) {
    JsonlReader reader(options_.history, {.max_bad_rows = options_.max_bad_rows, .read = {options_.time}});
    std::uint32_t interaction = 0;
    std::uint32_t next_row = 0;  // rows ascend with their interactions
    for (HistoryRow user; reader.next(user); user = {}) {
      for (const auto& review : user.reviews) {
        if (next_row == rows_.rows()) return encoder_.finish();
        if (rows_.interaction_of_row[next_row] != interaction++) continue;
        if (rows_.access_of_row[next_row] == access) take(next_row, texts_.interaction(review));
        ++next_row;
      }
    }
    encoder_.finish();
  }

  void take(std::uint32_t row, std::string text) {
    if (trim(text) == empty_text_) text.clear();
    out_.corpus.add(text);
    out_.row_of_doc.push_back(row);
    out_.has_text_of_row[row] = text.empty() ? 0 : 1;
    if (!text.empty()) encoder_.add(row, std::move(text));
  }

  const InteractionTextsOptions& options_;
  const InteractionRows& rows_;
  const ProfileText& texts_;
  std::string_view empty_text_;  // what a review without any content renders as
  InteractionTexts out_;
  WindowEncoder encoder_;
};

}  // namespace

InteractionTexts read_interaction_texts(const InteractionTextsOptions& options, const InteractionRows& rows,
                                        const ProfileText& texts, TextEncoder& encoder) {
  return TextPasses(options, rows, texts, encoder).run();
}

}  // namespace persona4rec
