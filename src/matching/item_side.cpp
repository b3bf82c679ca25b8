#include "matching/item_side.hpp"

#include <algorithm>

#include "base/bulk/sort_distinct.hpp"

namespace persona4rec {
ItemSide::ItemSide(VectorsView x, const RowsView& rows, std::size_t items) : x_(x), table_(rows), begin_(items + 1, 0) {
  const auto counts = [&](std::size_t i) { return table_.item_side_of_row[i] != 0 && !is_missing(x_.row(i)); };
  for (std::size_t i = 0; i < x_.rows(); ++i) begin_[table_.item_of_row[i] + 1] += counts(i) ? 1 : 0;
  for (std::size_t item = 0; item < items; ++item) begin_[item + 1] += begin_[item];
  rows_.resize(begin_[items]);
  auto next = begin_;
  for (std::size_t i = 0; i < x_.rows(); ++i) {
    if (counts(i)) rows_[next[table_.item_of_row[i]]++] = static_cast<std::uint32_t>(i);
  }
  rows_by_user_ = rows_;
  for (std::size_t item = 0; item < items; ++item) {
    const auto group = std::span(rows_by_user_).subspan(begin_[item], begin_[item + 1] - begin_[item]);
    std::ranges::stable_sort(group, {}, [&](std::uint32_t row) { return table_.user_of_row[row]; });
  }
  users_.resize(rows_by_user_.size());
  std::ranges::transform(rows_by_user_, users_.begin(), [&](std::uint32_t row) { return table_.user_of_row[row]; });
  sums_.resize(items * x_.dimensions);
  VectorSum sum(x_.dimensions);
  for (std::size_t item = 0; item < items; ++item) {
    sum.clear();
    for (const auto row : this->rows(static_cast<std::uint32_t>(item))) sum.add(x_.row(row));
    std::transform(sum.values().begin(), sum.values().end(),
                   sums_.begin() + static_cast<std::ptrdiff_t>(item * x_.dimensions),
                   [](double value) { return static_cast<float>(value); });
  }
}

// The item's rows that any of `users` wrote, ascending.
std::vector<std::uint32_t> ItemSide::rows_of_users(std::uint32_t item, std::span<const std::uint32_t> users) const {
  const auto rows = std::span(rows_by_user_).subspan(begin_[item], begin_[item + 1] - begin_[item]);
  const auto writers = std::span(users_).subspan(begin_[item], rows.size());
  std::vector<std::uint32_t> found;
  for (const auto user : users) {
    const auto own = std::ranges::equal_range(writers, user);
    const auto first = rows.begin() + (own.begin() - writers.begin());
    found.insert(found.end(), first, first + std::ranges::ssize(own));
  }
  sort_distinct(found);
  return found;
}

bool ItemSide::sum(std::uint32_t item, std::span<const std::uint32_t> without, std::span<double> out) const {
  const auto leaving = rows_of_users(item, without);
  if (leaving.size() == rows(item).size()) {
    std::ranges::fill(out, 0.0);
    return false;
  }
  std::ranges::copy(VectorsView{sums_, x_.dimensions}.row(item), out.begin());
  for (const auto row : leaving) {
    const auto x = x_.row(row);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] -= static_cast<double>(x[i]);
  }
  return true;
}

bool ItemSide::mean(std::uint32_t item, std::span<const std::uint32_t> without, std::span<float> out) const {
  std::vector<double> values(out.size());
  sum(item, without, values);
  return write_unit(values, out);
}

}  // namespace persona4rec
