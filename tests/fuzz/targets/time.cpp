// Timestamps: the input's first line is a strptime format, the rest a time.
#include "records/time.hpp"
#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(time) {
  const std::string format(fuzz::take_line(input));
  for (const TimeFormat& how : {TimeFormat{.unit = TimeUnit::kFormat, .format = format},
                                TimeFormat{.unit = TimeUnit::kSeconds, .format = {}}, TimeFormat{}}) {
    fuzz::use(parse_time_number(input, how));
    fuzz::use(parse_time_string(input, how));
  }
}

}  // namespace persona4rec
