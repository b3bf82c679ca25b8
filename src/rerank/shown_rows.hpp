// The rows of cache/user_item that an explanation shows: those that support some personas, and what a user liked.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "io/cache/embedding_file.hpp"
#include "persona4rec/ids.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {

struct ShownRows {
  std::unordered_map<std::string, std::vector<std::string>> support;  // persona id -> uids
  std::vector<std::pair<std::string, std::uint32_t>> liked;  // uid, row: newest first, the k_recent of the world
  std::unordered_set<std::string> wanted;                    // all uids above
  MappedHalfMatrix interactions;                             // [rows, d]
};

// Throws Error kInput when a table of the cache is missing or broken.
[[nodiscard]] ShownRows read_shown_rows(const ServingCache& cache, const std::unordered_set<std::string>& personas,
                                        const UserId& user);

}  // namespace persona4rec
