// Rows of cells in columns, each column as wide as its widest cell (in code points).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace persona4rec {

enum class Align : std::uint8_t { kLeft, kRight };

class TextGrid {
 public:
  // Adds a column on the right; `gap`: blanks before it.
  void column(Align align, std::size_t gap) { columns_.push_back({align, gap}); }
  // REQUIRES: at most as many cells as columns; missing ones are empty.
  void row(std::vector<std::string> cells) { rows_.push_back({.cells = std::move(cells), .free = {}}); }
  // A line that takes no part in the columns; may be empty.
  void line(std::string text) { rows_.push_back({.cells = {}, .free = std::move(text)}); }

  // Lines without trailing blanks, each ended by LF.
  [[nodiscard]] std::string text() const;
  // Of the widest row; free lines do not count.
  [[nodiscard]] std::size_t width() const;

 private:
  struct Column {
    Align align;
    std::size_t gap;
  };
  struct Row {
    std::vector<std::string> cells;
    std::string free;
  };
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace persona4rec
