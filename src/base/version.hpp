#pragma once

#include <string_view>

namespace persona4rec {

// The program's version, as in CMakeLists.txt.
[[nodiscard]] std::string_view version();

}  // namespace persona4rec
