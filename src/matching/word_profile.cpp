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
    for (const auto row : recent) {
      sum.add(vector_of(row), factor);
      factor *= options.gamma;
    }
    return unit(sum.take());
  };
  const SparseVector own = weighted([&](std::uint32_t row) { return tables.interactions->row(row); });
  const SparseVector items = weighted([&](std::uint32_t row) { return tables.items->row(tables.item_of_row[row]); });
  sum.add(own);
  sum.add(items);
  return unit(sum.take());
}

}  // namespace persona4rec
