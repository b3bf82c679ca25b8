// Items that metadata say are alike, by the cosine of their TF-IDF vectors.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/term_array.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {

// Memory: one sparse vector an item. Thread-safety: one object, one thread.
class AlikeItems {
 public:
  // REQUIRES: `vocabulary` outlives the object.
  explicit AlikeItems(const Vocabulary& vocabulary) : vocabulary_(vocabulary), asked_(vocabulary.size()) {}

  // An item that may be found, in ascending order.
  void add(std::uint32_t item, std::string_view text) {
    items_.push_back(item);
    vectors_.append(vocabulary_.vector(text));
  }

  // The `most` items with the greatest cosine to the text, the nearest first; ties: the lower item. None that shares no
  // word with it. Costs what all vectors hold.
  [[nodiscard]] std::vector<std::uint32_t> nearest(std::string_view text, std::size_t most);

 private:
  const Vocabulary& vocabulary_;
  TermArray asked_;
  SparseMatrix vectors_;
  std::vector<std::uint32_t> items_;
};

}  // namespace persona4rec
