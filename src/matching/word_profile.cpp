#include "matching/word_profile.hpp"

#include <algorithm>

namespace persona4rec {

SparseVector item_words(const SparseMatrix& x, std::span<const std::uint32_t> texts, SparseSum& sum) {
  for (const auto text : texts) sum.add(x.row(text));
  return keep_heaviest(unit(sum.take()), kItemTerms);
}

SparseVector user_words(const WordTables& tables, std::span<const std::uint32_t> liked, const ProfileOptions& options,
                        SparseSum& sum) {
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
