#include "matching/item_side.hpp"

#include <algorithm>

namespace persona4rec {
namespace {

bool contains(std::span<const std::uint32_t> values, std::uint32_t value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

ItemSide::ItemSide(VectorsView x, const RowsView& rows, std::size_t items) : x_(x), table_(rows), begin_(items + 1, 0) {
  const auto counts = [&](std::size_t i) { return table_.item_side_of_row[i] != 0 && !is_missing(x_.row(i)); };
  for (std::size_t i = 0; i < x_.rows(); ++i) begin_[table_.item_of_row[i] + 1] += counts(i) ? 1 : 0;
  for (std::size_t item = 0; item < items; ++item) begin_[item + 1] += begin_[item];
  rows_.resize(begin_[items]);
  auto next = begin_;
  for (std::size_t i = 0; i < x_.rows(); ++i) {
    if (counts(i)) rows_[next[table_.item_of_row[i]]++] = static_cast<std::uint32_t>(i);
  }
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

bool ItemSide::mean(std::uint32_t item, std::span<const std::uint32_t> without, std::span<float> out) const {
  VectorSum sum(x_.dimensions);
  const auto all = rows(item);
  const auto left_out = [&](std::uint32_t row) { return contains(without, table_.user_of_row[row]); };
  const auto leaving = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), left_out));
  if (leaving < all.size()) {  // the sum without those rows: no loop over a popular item's thousands of rows
    sum.add(VectorsView{sums_, x_.dimensions}.row(item));
    for (const auto row : all) {
      if (leaving > 0 && left_out(row)) sum.add(x_.row(row), -1);
    }
  }
  return sum.unit(out);
}

}  // namespace persona4rec
