// Texts cut for prompts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace persona4rec {

// The text with runs of white space as one space; beyond max_bytes cut at a word and ended with "…" (which is counted).
// max_bytes 0 = never cut. Thread-safety: re-entrant.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t max_bytes);

}  // namespace persona4rec
