// The reviews of an item as they are shown to whoever writes its personas: each wording once, as facts of a prompt.
// Thread-safety: one object, one thread; the functions are re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "persona4rec/json.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// A review as one text: what word vectors are made of.
[[nodiscard]] std::string review_words_text(const AspectRow& review);

// Reviews of an item that a prompt may show: those with words, each wording once.
struct ShownReviews {
  std::vector<AspectRow> reviews;                        // in file order
  std::map<std::string, std::vector<ReviewId>> support;  // id in the prompt -> the reviews it stands for, repeats too
  std::uint64_t repeated = 0;
  std::uint64_t without_text = 0;

  void add(AspectRow&& review);

 private:
  std::unordered_map<std::string, std::string> first_of_;  // hash of a wording -> the id that shows it
};

// {"id", "rating", "title", "text"}; a text of at most so many bytes, 0 = whole, and the title with it.
[[nodiscard]] Json review_facts(const AspectRow& review, std::size_t max_text_bytes);

}  // namespace persona4rec
