// What has no value, as a metric over no list: NaN in memory, null in files, never zero.
#pragma once

#include <limits>

namespace persona4rec {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace persona4rec
