// What is known of items: the vectors x of their item-side interactions, with the user in question left out.
//
// Rows of the item side that have no vector (no text) do not count. Memory beside the vectors: [items, dimensions] f32.
// Thread-safety: const use from any thread after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "matching/numberings.hpp"
#include "matching/vectors.hpp"

namespace persona4rec {

// Who wrote which row about what: parallel to the rows of a VectorsView. Owned by somebody else.
struct RowsView {
  std::span<const std::uint32_t> user_of_row;
  std::span<const std::uint32_t> item_of_row;
  std::span<const std::uint8_t> item_side_of_row;  // 1 = the item side may use the row
};

class ItemSide {
 public:
  // REQUIRES: `x` (centred, unit rows) and `rows` outlive this object; items > every item of a row.
  ItemSide(VectorsView x, const RowsView& rows, std::size_t items);

  // The item's item-side rows that have a vector, ascending.
  [[nodiscard]] std::span<const std::uint32_t> rows(std::uint32_t item) const {
    return std::span(rows_).subspan(begin_[item], begin_[item + 1] - begin_[item]);
  }

  // norm(mean of the item's item-side x that none of `without` wrote); zeros and false when there is none
  // (docs/method.md, 4.1 Item means).
  // Costs the rows that are left out, not the rows of the item.
  bool mean(std::uint32_t item, std::span<const std::uint32_t> without, std::span<float> out) const;

  // The same before norm: writes the sum, all of `out` [dimensions].
  bool sum(std::uint32_t item, std::span<const std::uint32_t> without, std::span<double> out) const;
  // Asks for what sum() of the item will read.
  void prefetch_sum(std::uint32_t item) const { prefetch(VectorsView{sums_, x_.dimensions}.row(item)); }

  [[nodiscard]] VectorsView x() const { return x_; }
  [[nodiscard]] const RowsView& table() const { return table_; }
  [[nodiscard]] std::size_t items() const { return begin_.size() - 1; }

 private:
  [[nodiscard]] std::vector<std::uint32_t> rows_of_users(std::uint32_t item,
                                                         std::span<const std::uint32_t> users) const;

  VectorsView x_;
  RowsView table_;
  std::vector<std::size_t> begin_;           // [items + 1] offsets into rows_
  std::vector<std::uint32_t> rows_;          // grouped by item
  std::vector<std::uint32_t> rows_by_user_;  // the same groups, each by user, then row
  std::vector<std::uint32_t> users_;         // who wrote those
  std::vector<float> sums_;                  // [items, dimensions] f32: sum of x over the item's rows
};

}  // namespace persona4rec
