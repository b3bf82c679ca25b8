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
  for_each_line(block, [&](std::string_view line, std::uint64_t number) {
    place_.line = number;
    if (scan_plain_list(line, options_, list_)) {
      rows.take(list_, number);
    } else if (trim(line).empty()) {
      return true;
    } else if (!parse_line(line, is_first, rows)) {
      return false;
    }
    is_first = false;
    return true;
  });
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
