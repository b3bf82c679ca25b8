// Which raw reviews a run takes. extract-aspects and summarize must agree on it; later stages check that they did.
#pragma once

#include <cstdint>

namespace persona4rec {

struct ReviewSelection {
  std::uint64_t users = 0;   // reviews of the first N users of the file alone; 0 = all users
  std::uint64_t sample = 0;  // ... and of those the first N reviews; 0 = all reviews
};

}  // namespace persona4rec
