// A judge's verdict in free text, as published files hold it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/ids.hpp"

namespace persona4rec {

// The persona id ("P3") that the last "Selection: ..." of the text names, in the forms seen: "**Selection:** 3.
// ITEM_P3", "Selection: P3", "Selection: 3". Nothing when there is none. Thread-safety: re-entrant.
[[nodiscard]] std::optional<std::string> judged_persona(std::string_view reasoning, const ItemId& item);

}  // namespace persona4rec
