// What counts as a word: shared by the offline language model, `cache` (word channel) and `candidates` (text-ease).
#pragma once

#include <cstddef>
#include <string>

namespace persona4rec {

struct WordOptions {
  // Words that carry no taste: a shipped language ("english"), a file with one word a line, or "none" (= off).
  std::string stop_words = "english";
  // A term counts when it is in at least so many documents. Default 2, range >= 1, 1 = off.
  std::size_t min_documents = 2;
  // ... and in at most this share of them. Default 0.3, range (0, 1], 1 = off.
  double max_document_share = 0.3;
};

}  // namespace persona4rec
