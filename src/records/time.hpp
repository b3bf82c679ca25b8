// Raw timestamps <-> milliseconds since 1970, UTC.
#pragma once

#include <optional>
#include <string_view>

#include "persona4rec/dataset.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// A number as it stands in the file (digits; a fraction counts). Nothing when it is none or out of range.
[[nodiscard]] std::optional<Timestamp> parse_time_number(std::string_view digits, const TimeFormat& format);
// A string: by the strptime format, else "YYYY-MM-DD[ T]HH:MM:SS", else "YYYY-MM-DD", else digits.
[[nodiscard]] std::optional<Timestamp> parse_time_string(std::string_view text, const TimeFormat& format);

}  // namespace persona4rec
