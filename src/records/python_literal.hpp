// Python literals as raw files hold them: Yelp's attributes, whole rows of Amazon's metadata of 2014.
#pragma once

#include <string_view>

#include "persona4rec/json.hpp"

namespace persona4rec {

// A Python literal ("u'free'", "{'garage': True, 'lot': False}", "None") as JSON; text that is no literal stays a
// string. Thread-safe.
[[nodiscard]] Json parse_python_literal(std::string_view text);

}  // namespace persona4rec
