// One row of JSON Lines, parsed whole: what it says is wrong with a row is the same for every reader.
#pragma once

#include <simdjson.h>

#include <string>

#include "persona4rec/error.hpp"
#include "records/row_view.hpp"

namespace persona4rec {

// Thread-safety: one object, one thread (it keeps its buffers).
class RowParser {
 public:
  // `python_dicts`: a row may be a Python dict (Amazon's metadata of 2014).
  explicit RowParser(bool python_dicts = false) : python_dicts_(python_dicts) {}

  // The row, valid until the next call; `line` may be changed. `is_first`: it is the file's first that is not blank,
  // whose errors speak of the whole file. REQUIRES: `place` and `line` outlive the view. Throws Error kInput.
  [[nodiscard]] RowView parse(std::string& line, const Place& place, bool is_first);

 private:
  simdjson::dom::parser parser_;
  bool python_dicts_;
};

// Of a file that holds no row.
[[nodiscard]] Error empty_file_error(Place place);

}  // namespace persona4rec
