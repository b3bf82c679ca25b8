// Rows of a raw file in any of the shapes that people have: JSON Lines, one JSON array, CSV, TSV.
#pragma once

#include <memory>

#include "io/rows/delimited_rows.hpp"
#include "io/rows/row_source.hpp"

namespace persona4rec {

// Decided by the first character that is no white space: { is JSON Lines (a Python dict too), [ an array, anything else
// a CSV or TSV file with a header. Waits for it with the first read() only.
[[nodiscard]] std::unique_ptr<RowSource> open_raw_rows(LineSource source, DelimitedOptions options);

}  // namespace persona4rec
