// Raw timestamps <-> milliseconds since 1970, UTC. Days are those of the calendar: 30 February is refused.
// Thread-safe, whatever the time zone of the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/dataset.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// A number as it stands in the file (digits; a fraction counts): in the format's unit, or by its strptime format.
// Nothing when it is none or out of range.
[[nodiscard]] std::optional<Timestamp> parse_time_number(std::string_view digits, const TimeFormat& format);
// A string: by the strptime format (an offset by %z counts), else as ISO 8601 ("2018-01-31",
// "2018-01-31 10:00", "2018-01-31T10:00:00.123+01:00", "...Z"; UTC without an offset), else, without a strptime format,
// as a number. Nothing when it is none of these.
[[nodiscard]] std::optional<Timestamp> parse_time_string(std::string_view text, const TimeFormat& format);

// Why a strptime format cannot be read the same way everywhere (%Z, or %s beside other conversions); empty when it can.
[[nodiscard]] std::string time_format_problem(std::string_view format);

// "2018-01-31"
[[nodiscard]] std::string date_text(std::int64_t ms);
// "2018-01-31 to 2019-03-02"; empty without times.
[[nodiscard]] std::string span_text(const TimeSpan& span);
// Seconds read as milliseconds lie in 1970, milliseconds read as seconds beyond the year 9999 or at least in the
// future: a warning with the first and the last date, or nothing.
[[nodiscard]] std::string unit_doubt(const TimeSpan& span, const TimeFormat& format);

}  // namespace persona4rec
