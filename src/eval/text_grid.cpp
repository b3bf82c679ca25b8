#include "eval/text_grid.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"

namespace persona4rec {

std::vector<std::size_t> TextGrid::widths() const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      widths[i] = std::max(widths[i], count_code_points(row.cells[i]));
    }
  }
  return widths;
}

std::size_t TextGrid::width() const {
  const auto all = widths();
  std::size_t sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) sum += columns_[i].gap + all[i];
  return sum;
}

std::string TextGrid::text() const {
  const auto all = widths();
  std::string text;
  for (const auto& row : rows_) {
    std::string line = row.free;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const std::string padding(all[i] - count_code_points(row.cells[i]), ' ');
      line.append(columns_[i].gap, ' ');
      line += columns_[i].align == Align::kLeft ? row.cells[i] + padding : padding + row.cells[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace persona4rec
