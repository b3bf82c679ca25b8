#include "matching/weight_choice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/parallel.hpp"
#include "matching/ranking_metrics.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kTop = 10;
constexpr std::size_t kPointsPerTask = 4;

double score_of(const double* z, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t c = 0; c < weights.size(); ++c) sum += z[c] * weights[c];
  return sum;
}

double ndcg_of(const FitData& data, std::size_t list, const std::vector<double>& weights) {
  const std::size_t target = data.target(list);
  const double wanted = score_of(data.candidate(list, target), weights);
  std::uint32_t rank = 1;
  for (std::size_t i = 0; i < data.list_size(list); ++i) {
    const double score = score_of(data.candidate(list, i), weights);
    rank += score > wanted || (score == wanted && i < target) ? 1 : 0;
  }
  return ndcg_at(std::array{rank}, 1, kTop);
}

// Every combination of the channels' weights, the last channel's the fastest.
std::vector<std::vector<double>> points_of(const std::vector<std::vector<double>>& grid) {
  std::vector<std::vector<double>> points = {{}};
  for (const auto& weights : grid) {
    std::vector<std::vector<double>> longer;
    for (const auto& point : points) {
      for (const double weight : weights) {
        longer.push_back(point);
        longer.back().push_back(weight);
      }
    }
    points = std::move(longer);
  }
  return points;
}

}  // namespace

MeanDifference mean_difference(const std::vector<double>& values, const std::vector<double>& from) {
  const auto n = static_cast<double>(values.size());
  if (values.empty()) return {};
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = values[i] - from[i];
    sum += d;
    squares += d * d;
  }
  const double mean = sum / n;
  const double variance = n < 2 ? 0 : std::max(0.0, squares - n * mean * mean) / (n - 1);
  return {.mean = mean, .error = std::sqrt(variance / n)};
}

std::vector<double> list_ndcg(const FitData& data, const std::vector<double>& weights) {
  std::vector<double> ndcg(data.lists());
  for (std::size_t list = 0; list < ndcg.size(); ++list) ndcg[list] = ndcg_of(data, list, weights);
  return ndcg;
}

WeightChoice choose_weights(const FitData& data, const std::vector<double>& start,
                            const std::vector<std::vector<double>>& grid, std::size_t threads) {
  const auto from = list_ndcg(data, start);
  const auto points = points_of(grid);
  std::vector<MeanDifference> gains(points.size());
  parallel_ranges(points.size(), kPointsPerTask, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) gains[p] = mean_difference(list_ndcg(data, points[p]), from);
  });
  double mean = 0;
  for (const double value : from) mean += value / static_cast<double>(from.size());
  WeightChoice best{.weights = start, .ndcg = mean, .start_ndcg = mean, .error = 0};
  double best_bound = 0;
  for (std::size_t p = 0; p < points.size(); ++p) {
    const double bound = gains[p].mean - kCaution * gains[p].error;
    if (bound <= best_bound) continue;
    best_bound = bound;
    best.weights = points[p];
    best.ndcg = mean + gains[p].mean;
    best.error = gains[p].error;
  }
  return best;
}

void drop_useless(const FitData& data, const std::vector<double>& start, std::vector<double>& weights) {
  for (std::size_t c = 1; c < weights.size(); ++c) {
    if (weights[c] == 0 || weights[c] == start[c]) continue;
    auto without = weights;
    without[c] = 0;
    const bool says_something = std::any_of(without.begin(), without.end(), [](double weight) { return weight > 0; });
    const auto gain = mean_difference(list_ndcg(data, weights), list_ndcg(data, without));
    if (says_something && gain.mean <= gain.error) weights = without;
  }
}

}  // namespace persona4rec
