#include "profiles/interaction_texts.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.hpp"
#include "profiles/window_encoder.hpp"

namespace persona4rec {
namespace {

// Calls take(row, text) for every row that `wanted` says yes to, ascending; a review without any content has text "".
template <class Wanted, class Take>
void read_texts(const InteractionTextsOptions& options, const InteractionRows& rows, const ProfileText& texts,
                const Wanted& wanted, const Take& take) {
  JsonlReader reader(options.history, {.max_bad_rows = options.max_bad_rows, .read = {options.time}});
  const std::string_view empty_text = trim(texts.options().query_prefix);
  std::uint32_t interaction = 0;
  std::uint32_t next_row = 0;  // rows ascend with their interactions
  for (HistoryRow user; reader.next(user); user = {}) {
    for (const auto& review : user.reviews) {
      if (next_row == rows.rows()) return;
      if (rows.interaction_of_row[next_row] != interaction++) continue;
      if (wanted(next_row)) {
        std::string text = texts.interaction(review);
        if (trim(text) == empty_text) text.clear();
        take(next_row, std::move(text));
      }
      ++next_row;
    }
  }
}

class TextPasses {
 public:
  TextPasses(const InteractionTextsOptions& options, const InteractionRows& rows, const ProfileText& texts,
             TextEncoder& encoder, std::span<float> vectors)
      : options_(options),
        rows_(rows),
        texts_(texts),
        out_{.corpus = TermCorpus(WordTokenizer(StopWords::resolve(options.words.stop_words))),
             .has_text_of_row = std::vector<std::uint8_t>(rows.rows(), 0)},
        encoder_(encoder, vectors, options.progress, rows.rows()) {}

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
    read_texts(
        options_, rows_, texts_, [&](std::uint32_t row) { return rows_.access_of_row[row] == access; },
        [&](std::uint32_t row, std::string&& text) { take(row, std::move(text)); });
    encoder_.finish();
  }

  void take(std::uint32_t row, std::string text) {
    out_.corpus.add(text);
    out_.row_of_doc.push_back(row);
    out_.has_text_of_row[row] = text.empty() ? 0 : 1;
    if (!text.empty()) encoder_.add(row, std::move(text));
  }

  const InteractionTextsOptions& options_;
  const InteractionRows& rows_;
  const ProfileText& texts_;
  InteractionTexts out_;
  WindowEncoder encoder_;
};

}  // namespace

InteractionTexts read_interaction_texts(const InteractionTextsOptions& options, const InteractionRows& rows,
                                        const ProfileText& texts, TextEncoder& encoder, std::span<float> vectors) {
  return TextPasses(options, rows, texts, encoder, vectors).run();
}

void for_each_interaction_text(const InteractionTextsOptions& options, const InteractionRows& rows,
                               const ProfileText& texts,
                               const std::function<void(std::uint32_t, std::string&&)>& take) {
  read_texts(
      options, rows, texts, [](std::uint32_t) { return true; },
      [&](std::uint32_t row, std::string&& text) {
        if (!text.empty()) take(row, std::move(text));
      });
}

}  // namespace persona4rec
