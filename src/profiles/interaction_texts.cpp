#include "profiles/interaction_texts.hpp"

#include <algorithm>
#include <string>

#include "base/stop.hpp"
#include "profiles/window_encoder.hpp"

namespace persona4rec {
namespace {

// Calls take(row, text) for every row that `wanted` says yes to, ascending.
template <class Wanted, class Take>
void read_texts(const RowTexts& history, const Wanted& wanted, const Take& take) {
  SpoolReader texts(history.texts);
  for (std::uint32_t row = 0; row < history.rows.rows(); ++row) {
    throw_if_stopped();
    if (wanted(row)) take(row, texts.bytes(history.rows.interaction_of_row[row]));
  }
}

}  // namespace

InteractionTexts read_interaction_texts(const RowTexts& history, const WordOptions& words, TextEncoder& encoder,
                                        std::span<float> vectors, const ProgressFn& progress) {
  const auto& rows = history.rows;
  InteractionTexts out{.corpus = TermCorpus(WordTokenizer(StopWords::resolve(words.stop_words))),
                       .has_text_of_row = std::vector<std::uint8_t>(rows.rows(), 0)};
  out.row_of_doc.reserve(rows.rows());
  WindowEncoder window(encoder, vectors, progress, rows.rows());
  for (const auto access : kRowAccesses) {
    read_texts(
        history, [&](std::uint32_t row) { return rows.access_of_row[row] == access; },
        [&](std::uint32_t row, std::string_view text) {
          out.corpus.add(text);
          out.row_of_doc.push_back(row);
          out.has_text_of_row[row] = text.empty() ? 0 : 1;
          if (!text.empty()) window.add(row, std::string(text));
        });
    window.finish();
  }
  out.counts = window.counts();
  return out;
}

void for_each_interaction_text(const RowTexts& history,
                               const std::function<void(std::uint32_t, std::string_view)>& take) {
  read_texts(
      history, [](std::uint32_t) { return true; },
      [&](std::uint32_t row, std::string_view text) {
        if (!text.empty()) take(row, text);
      });
}

}  // namespace persona4rec
