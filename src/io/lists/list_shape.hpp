// Which of the known shapes a file of candidate lists or of ground truth has, found once from its first bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/line_source.hpp"
#include "persona4rec/list_format.hpp"

namespace persona4rec {

// What flat rows call the user, the item and the score; score may be empty: there is none.
struct RowNames {
  std::string user, item, score;
};

struct ListShape {
  enum class Kind : std::uint8_t {
    kLists,    // JSON Lines, or an array of them: {"user_id", "results": [..]}
    kRows,     // JSON Lines, or an array of them: {"user_id", "item_id", "score"}
    kTable,    // CSV or TSV rows: user, item, score
    kUserMap,  // one JSON object: {user: {item: score}} or {user: [item, ..]}
    kTrec,     // TREC's text formats
  };
  Kind kind = Kind::kLists;
  bool is_array = false;            // kLists, kRows: one array holds the rows
  RowNames names;                   // kRows, kTable
  std::vector<std::string> header;  // kTable: the columns of a file that does not name them; else empty
};

// Looks at the first line, or the first JSON object (of a stream, whose sender may wait for an answer to its first
// line, at that line alone, but in an array); nothing is taken off the source. What is none of the shapes is kLists
// where it begins as JSON does, else kTrec: their readers say what they expected, and known_shapes(). Throws Error
// kInput as the source does.
[[nodiscard]] ListShape find_shape(LineSource& source, ListFormat format, bool streaming = false);

// The shapes that lists may have, a line each, for messages.
[[nodiscard]] std::string_view known_shapes();

}  // namespace persona4rec
