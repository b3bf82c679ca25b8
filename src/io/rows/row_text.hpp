// A row as the line that OutputFile::write_row writes, for rows that are made on several threads. Re-entrant.
#pragma once

#include <string>

#include "persona4rec/json.hpp"

namespace persona4rec {

// Non-ASCII as UTF-8, no spaces, "\n" at the end. Throws Error kInternal on bad UTF-8.
[[nodiscard]] std::string row_text(const Json& row);

}  // namespace persona4rec
