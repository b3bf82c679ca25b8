// Metrics of one list from the ranks of its true items (formulas: include/persona4rec/eval.hpp): what `eval` reports
// and what training watches.
//
// REQUIRES: `ranks` ascending from 1, k >= 1; ndcg_at: truths >= max(1, ranks.size()). Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace persona4rec {

[[nodiscard]] double hit_at(std::span<const std::uint32_t> ranks, std::size_t k);
[[nodiscard]] double reciprocal_rank_at(std::span<const std::uint32_t> ranks, std::size_t k);
[[nodiscard]] double ndcg_at(std::span<const std::uint32_t> ranks, std::size_t truths, std::size_t k);

}  // namespace persona4rec
