// How tables of metrics show numbers (base/format.hpp has the rest). NaN is "--". Thread-safe.
#pragma once

#include <string>

namespace persona4rec {

[[nodiscard]] std::string share_text(double value, int digits);               // .3043, 1.0000
[[nodiscard]] std::string signed_percent_text(double value, int digits = 1);  // .143 is "+14.3"

}  // namespace persona4rec
