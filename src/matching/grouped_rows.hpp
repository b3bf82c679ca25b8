// Rows grouped by an owner (a user, an item, a persona), in one array. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

class GroupedRows {
 public:
  // Appends the next owner's rows.
  void append(std::span<const std::uint32_t> rows) {
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    begin_.push_back(rows_.size());
  }
  [[nodiscard]] std::size_t owners() const { return begin_.size() - 1; }
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t owner) const {
    return std::span(rows_).subspan(begin_[owner], begin_[owner + 1] - begin_[owner]);
  }

 private:
  std::vector<std::size_t> begin_ = {0};  // [owners + 1] offsets into rows_
  std::vector<std::uint32_t> rows_;
};

}  // namespace persona4rec
