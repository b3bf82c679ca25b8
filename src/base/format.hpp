// Numbers and durations as people read them, in summaries, tables and messages. NaN is "--": undefined is not zero.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace persona4rec {

inline constexpr double kPercent = 100;  // of a share

// "1,234,567"
[[nodiscard]] std::string with_commas(std::uint64_t value);

// "14.50" with two digits behind the point.
[[nodiscard]] std::string fixed_text(double value, int digits);
// By a printf format of one double: number_text("%+6.2f", z).
[[nodiscard]] std::string number_text(const char* format, double value);

// "1.2 s", "14 s", "3 min 20 s", "2 h 5 min", "2 d 3 h"
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace persona4rec
