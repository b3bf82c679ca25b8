#pragma once

#include <string_view>

namespace persona4rec {

// The program's version, as in CMakeLists.txt.
[[nodiscard]] std::string_view version();

// Is `other` ("2.0.1") of a later major version than this program? What is no version is not.
[[nodiscard]] bool is_newer_major(std::string_view other);

}  // namespace persona4rec
