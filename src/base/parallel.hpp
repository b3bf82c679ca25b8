// Runs a loop on several threads. The first exception of a worker is rethrown in the caller.
#pragma once

#include <cstddef>
#include <functional>

namespace persona4rec {

// Threads that the program uses when an option says 0: the processors this process may run on.
[[nodiscard]] std::size_t default_threads();

// Calls body(begin, end) for disjoint ranges that cover [0, count), at most `threads` at once (0 = default_threads()).
// Ranges are `grain` long (the last shorter) and fixed by count and grain alone, so results cannot depend on `threads`.
void parallel_ranges(std::size_t count, std::size_t grain, std::size_t threads,
                     const std::function<void(std::size_t begin, std::size_t end)>& body);

}  // namespace persona4rec
