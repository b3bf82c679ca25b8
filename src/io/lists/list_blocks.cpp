#include "io/lists/list_blocks.hpp"

#include "base/utf8.hpp"
#include "io/lists/list_shape.hpp"
#include "records/row_json.hpp"

namespace persona4rec {

CandidateRow read_list_row(const RowView& view, bool is_first, bool base_ranks) {
  if (is_first && !view.has("results"))
    view.fail("results", "expected an array, got no such field; " + std::string(known_shapes()));
  return read_row<CandidateRow>(view, {.base_ranks = base_ranks});
}

void ListBlockReader::read(const LineBlock& block, const BlockRows& rows) {
  bool is_first = block.holds_first;
  for (BlockLines lines(block); !lines.at_end();) {
    place_.line = lines.number();
    if (const auto bytes = scan_plain_list(lines.rest(), options_, list_); bytes > 0) {
      lines.skip(bytes);
      rows.take(list_, place_.line);
    } else {
      const auto line = lines.next();
      if (trim(line).empty()) continue;
      if (!parse_line(line, is_first, rows)) return;
    }
    is_first = false;
  }
}

// A line that is not plain, or no list.
bool ListBlockReader::parse_line(std::string_view line, bool is_first, const BlockRows& rows) {
  copy_ = line;
  CandidateRow row;
  try {
    row = read_list_row(parser_.parse(copy_, place_, is_first), is_first, options_.base_ranks);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInput) throw;
    return rows.refuse(error);
  }
  view_list(row, list_);
  rows.take(list_, place_.line);
  return true;
}

}  // namespace persona4rec
