// The program's clocks. Nothing that is written into an artifact or a meta file depends on them.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace persona4rec {

// Seconds since some point, never going back: for waits, rates and durations.
[[nodiscard]] double steady_seconds();
// Seconds and milliseconds since 1970, UTC: for dates in run files, headers and stores.
[[nodiscard]] double unix_seconds();
[[nodiscard]] std::int64_t unix_milliseconds();

// "2014-07-23T10:01:01Z", whole seconds.
[[nodiscard]] std::string utc_text(double unix_seconds);

}  // namespace persona4rec
