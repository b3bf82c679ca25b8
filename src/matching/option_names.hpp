// Matching options by the names that flags and meta files use.
#pragma once

#include "persona4rec/matching_options.hpp"

namespace persona4rec {

[[nodiscard]] const char* option_name(PersonaVectors kind);  // support, text, readers, mix
[[nodiscard]] const char* option_name(ProfileSide side);     // own, items, both

}  // namespace persona4rec
