// The word channel (docs/method.md, 3.2 Words): term vectors of items and users; the channel's value is t = <u, I>.
//
//   item  I = unit(sum of x_r over its item-side reviews), its 100 heaviest terms kept (weights as they were)
//         (or over the item's persona texts: words from personas)
//   user  own   = unit(sum_j gamma^j x_j)            over the newest k_recent liked interactions, j = 0 the newest
//         items = unit(sum_j gamma^j I_item(j))      over the same
//         u     = unit(own + items)
//
// x_r are unit TF-IDF vectors (src/lexical) over terms of item-side reviews. An empty vector is a missing channel.
// Thread-safety: const use from any thread; a SparseSum belongs to one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "lexical/sparse.hpp"
#include "persona4rec/matching_options.hpp"

namespace persona4rec {

inline constexpr std::size_t kItemTerms = 100;  // heaviest terms kept of an item

// I from the term vectors of the item's texts: the rows `texts` of `x`. REQUIRES: `sum` is empty and as wide as the
// vocabulary (both functions).
[[nodiscard]] SparseVector item_words(const SparseMatrix& x, std::span<const std::uint32_t> texts, SparseSum& sum);

// Everything that user_words looks at beside the user's docs.
struct WordTables {
  const SparseMatrix* docs = nullptr;   // x_r [docs]
  const SparseMatrix* items = nullptr;  // I [items]
  std::span<const std::uint32_t> item_of_doc;
};

// u of a user who liked the docs `liked`, newest first. The profile side does not matter here.
[[nodiscard]] SparseVector user_words(const WordTables& tables, std::span<const std::uint32_t> liked,
                                      const ProfileOptions& options, SparseSum& sum);

}  // namespace persona4rec
