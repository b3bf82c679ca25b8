// The page's one style sheet.
#pragma once

#include <string_view>

namespace persona4rec {

// Light and dark by the reader's system, one column on a phone, black on white without sideways scrolling in print.
// Nothing in it is loaded from elsewhere. Thread-safe.
[[nodiscard]] std::string_view page_style();

}  // namespace persona4rec
