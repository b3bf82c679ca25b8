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

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lexical/sparse.hpp"
#include "persona4rec/matching_options.hpp"

namespace persona4rec {

inline constexpr std::size_t kItemTerms = 100;  // heaviest terms kept of an item

// I from the term vectors of the item's texts: the rows `texts` of `x`. REQUIRES: `sum` is empty and as wide as the
// vocabulary (both functions).
template <class Rows>  // that has row(i): a SparseMatrix, CorpusVectors
[[nodiscard]] SparseVector item_words(const Rows& x, std::span<const std::uint32_t> texts, SparseSum& sum) {
  for (const auto text : texts) sum.add(x.row(text));
  return keep_heaviest(unit(sum.take()), kItemTerms);
}

// Everything that user_words looks at beside the user's docs.
template <class Rows>
struct WordTables {
  const Rows* docs = nullptr;           // x_r [docs]
  const SparseMatrix* items = nullptr;  // I [items]
  std::span<const std::uint32_t> item_of_doc;
};

// u of a user who liked the docs `liked`, newest first. The profile side does not matter here.
template <class Rows>
[[nodiscard]] SparseVector user_words(const WordTables<Rows>& tables, std::span<const std::uint32_t> liked,
                                      const ProfileOptions& options, SparseSum& sum) {
  const auto recent = liked.first(std::min(liked.size(), options.k_recent));
  const auto weighted = [&](auto&& vector_of) {
    double factor = 1;
    for (const auto doc : recent) {
      sum.add(vector_of(doc), factor);
      factor *= options.gamma;
    }
    return unit(sum.take());
  };
  const SparseVector own = weighted([&](std::uint32_t doc) { return tables.docs->row(doc); });
  const SparseVector items = weighted([&](std::uint32_t doc) { return tables.items->row(tables.item_of_doc[doc]); });
  sum.add(own);
  sum.add(items);
  return unit(sum.take());
}

}  // namespace persona4rec
