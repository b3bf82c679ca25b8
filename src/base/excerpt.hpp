// Texts cut for prompts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona4rec {

// kKeep: a run of white space with a line break in it becomes one line break; kJoin: one space.
enum class Lines : std::uint8_t { kJoin, kKeep };

// The text with runs of white space as one space (or line break); beyond max_bytes cut at a word and ended with "…"
// (which is counted). max_bytes 0 = never cut. Thread-safety: re-entrant.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t max_bytes, Lines lines = Lines::kJoin);

}  // namespace persona4rec
