// A hash for tables in memory: quick, the same within a run, no promise beyond it. Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace persona4rec {

[[nodiscard]] std::uint64_t quick_hash(std::string_view text);

}  // namespace persona4rec
