// What a run of rerank reads, registered and checked against each other before the first list is scored.
#pragma once

#include <filesystem>

#include "io/provenance.hpp"
#include "persona4rec/json.hpp"
#include "persona4rec/rerank.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {

// Registers a candidate file by what its meta file says, before it is read; returns the options there (an empty object
// when there is no meta file). Throws Error kInput (a warning with `force`) when the lists were made for the other
// world or do not belong to what was registered before.
[[nodiscard]] Json register_lists(const std::filesystem::path& lists, World world, bool force, Provenance& provenance);

// Registers the cache. Throws Error kInput (a warning with `force`) when one of `stands_on` is not what it was built
// from, or when its head may not serve it (serving contract), or serves another alpha than it was trained for.
void register_cache(const ServingCache& cache, const RerankOptions& options, Provenance& provenance);

}  // namespace persona4rec
