#include "personas/spread.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace persona4rec {
namespace {

constexpr double kTimeShare = 0.5;

// Position in time, 0 (the oldest) to 1; equal times share one.
std::vector<double> time_ranks(std::span<const SpreadPoint> points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return points[i].time_ms; });
  std::vector<double> ranks(points.size(), 0);
  std::size_t first = 0;  // of the points that share a time
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (at > 0 && points[order[at]].time_ms != points[order[at - 1]].time_ms) first = at;
    ranks[order[at]] = static_cast<double>(first) / static_cast<double>(points.size());
  }
  return ranks;
}

class Spread {
 public:
  Spread(std::span<const SpreadPoint> points, std::uint64_t budget)
      : points_(points),
        budget_(budget),
        time_(time_ranks(points)),
        nearest_(points.size(), std::numeric_limits<double>::infinity()),
        chosen_(points.size(), 0) {
    const auto [least, most] = std::ranges::minmax_element(points, {}, &SpreadPoint::rating);
    rating_range_ = std::max(most->rating - least->rating, 1.0);
  }

  std::vector<std::size_t> run(std::size_t terms) {
    SparseSum sum(terms);
    for (const auto& point : points_) sum.add(point.words);
    const auto middle = sum.take();
    choose(best([&](std::size_t i) { return dot(points_[i].words, middle); }));
    while (order_.size() < points_.size()) {
      const auto next = best([&](std::size_t i) { return nearest_[i]; });
      if (next == points_.size()) break;
      choose(next);
    }
    return order_;
  }

 private:
  // The affordable point of the highest score; points_.size() when there is none.
  template <class Score>
  [[nodiscard]] std::size_t best(const Score& score) const {
    std::size_t found = points_.size();
    double highest = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (chosen_[i] != 0 || points_[i].tokens > budget_) continue;
      const double value = score(i);
      if (found != points_.size() && value <= highest) continue;
      found = i;
      highest = value;
    }
    return found;
  }

  void choose(std::size_t point) {
    if (point == points_.size()) return;
    order_.push_back(point);
    chosen_[point] = 1;
    budget_ -= points_[point].tokens;
    for (std::size_t i = 0; i < points_.size(); ++i) nearest_[i] = std::min(nearest_[i], distance(i, point));
  }

  [[nodiscard]] double distance(std::size_t a, std::size_t b) const {
    return 1 - dot(points_[a].words, points_[b].words) +
           std::abs(points_[a].rating - points_[b].rating) / rating_range_ + kTimeShare * std::abs(time_[a] - time_[b]);
  }

  std::span<const SpreadPoint> points_;
  std::uint64_t budget_;
  std::vector<double> time_;
  double rating_range_ = 1;
  std::vector<double> nearest_;  // [points] distance to the nearest chosen point
  std::vector<std::uint8_t> chosen_;
  std::vector<std::size_t> order_;
};

}  // namespace

std::vector<std::size_t> spread_out(std::span<const SpreadPoint> points, std::uint64_t budget, std::size_t terms) {
  if (points.empty()) return {};
  return Spread(points, budget).run(terms);
}

}  // namespace persona4rec
