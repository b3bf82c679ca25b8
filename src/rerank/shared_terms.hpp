// The words that a user and an item have in common, for explanations.
#pragma once

#include <cstddef>
#include <cstdint>

#include "persona4rec/json.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {

// The terms with the largest products of both weights, at most `count`, as an array of strings.
[[nodiscard]] Json shared_terms(const ServingCache& cache, std::uint32_t user, const ItemEntry& item,
                                std::size_t count);

}  // namespace persona4rec
