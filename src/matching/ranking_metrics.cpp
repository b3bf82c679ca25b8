#include "matching/ranking_metrics.hpp"

#include <algorithm>
#include <cmath>

namespace persona4rec {
namespace {

double discount(std::size_t rank) {
  return 1.0 / std::log2(static_cast<double>(rank) + 1.0);
}

}  // namespace

double hit_at(std::span<const std::uint32_t> ranks, std::size_t k) {
  return !ranks.empty() && ranks.front() <= k ? 1.0 : 0.0;
}

double reciprocal_rank_at(std::span<const std::uint32_t> ranks, std::size_t k) {
  return hit_at(ranks, k) > 0 ? 1.0 / ranks.front() : 0.0;
}

double ndcg_at(std::span<const std::uint32_t> ranks, std::size_t truths, std::size_t k) {
  double gained = 0;
  for (const auto rank : ranks) {
    if (rank <= k) gained += discount(rank);
  }
  double ideal = 0;
  for (std::size_t rank = 1; rank <= std::min(truths, k); ++rank) ideal += discount(rank);
  return gained / ideal;
}

}  // namespace persona4rec
