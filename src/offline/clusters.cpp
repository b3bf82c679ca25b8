#include "offline/clusters.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/rng.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kStarts = 6;
constexpr int kMaxRounds = 15;

// Centres side by side: what a term weighs in one stands beside what it weighs in the next, so that a point is compared
// with all of them in one walk over its terms.
class Centres {
 public:
  Centres(std::size_t count, std::size_t terms)
      : width_((count + kLanes - 1) / kLanes * kLanes), weights_(width_ * terms, 0.0F), terms_(count) {}

  void assign(std::size_t centre, SparseView vector) {
    for (const auto term : terms_[centre]) weights_[width_ * term + centre] = 0;
    terms_[centre].assign(vector.terms.begin(), vector.terms.end());
    for (std::size_t i = 0; i < vector.size(); ++i) weights_[width_ * vector.terms[i] + centre] = vector.weights[i];
  }

  [[nodiscard]] double dot(std::size_t centre, SparseView point) const {
    double sum = 0;
    for (std::size_t i = 0; i < point.size(); ++i) {
      sum += double{point.weights[i]} * double{weights_[width_ * point.terms[i] + centre]};
    }
    return sum;
  }

  // The same of all centres at once, each summed in the order of the terms. REQUIRES: dots.size() == padded().
  void dot_all(SparseView point, std::span<double> dots) const {
    for (std::size_t first = 0; first < width_; first += kLanes) {
      std::array<double, kLanes> sums{};
      for (std::size_t i = 0; i < point.size(); ++i) {
        const float* weights = weights_.data() + width_ * point.terms[i] + first;
        const double weight = point.weights[i];
        for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += weight * double{weights[lane]};
      }
      std::ranges::copy(sums, dots.begin() + static_cast<std::ptrdiff_t>(first));
    }
  }

  [[nodiscard]] std::size_t padded() const { return width_; }

 private:
  static constexpr std::size_t kLanes = 8;

  std::size_t width_;
  std::vector<float> weights_;                     // [terms, width_]
  std::vector<std::vector<std::uint32_t>> terms_;  // of each centre, that are set
};

class Clustering {
 public:
  Clustering(std::span<const SparseVector> points, std::size_t k, std::size_t terms)
      : points_(points), k_(k), sum_(terms), centres_(k, terms), dots_(centres_.padded()) {}

  // Sum of cosines reached.
  double run(std::uint64_t seed) {
    cluster_.assign(points_.size(), 0);
    closeness_.assign(points_.size(), 0);
    changed_.assign(k_, 1);  // the centres of the start are points
    start(seed);
    for (int round = 0; round < kMaxRounds; ++round) {
      const bool moved = assign();
      fill_empty();
      if (!moved && round > 0) break;
      move_centres();
    }
    double total = 0;
    for (const double closeness : closeness_) total += closeness;
    return total;
  }

  [[nodiscard]] const std::vector<std::uint32_t>& clusters() const { return cluster_; }

 private:
  // k-means++: each next centre is drawn by how far a point is from the centres so far.
  void start(std::uint64_t seed) {
    Rng rng(seed);
    centres_.assign(0, points_[rng.below(points_.size())]);
    std::vector<double> distance(points_.size(), 2.0);
    for (std::size_t c = 1; c < k_; ++c) {
      double total = 0;
      for (std::size_t i = 0; i < points_.size(); ++i) {
        distance[i] = std::min(distance[i], std::max(0.0, 1 - centres_.dot(c - 1, points_[i])));
        total += distance[i];
      }
      double draw = rng.uniform() * total;
      std::size_t chosen = 0;
      while (chosen + 1 < points_.size() && draw >= distance[chosen]) draw -= distance[chosen++];
      centres_.assign(c, points_[chosen]);
    }
  }

  bool assign() {
    bool moved = false;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      std::uint32_t best = 0;
      double highest = -1;
      centres_.dot_all(points_[i], dots_);
      for (std::uint32_t c = 0; c < k_; ++c) {
        if (dots_[c] <= highest) continue;
        highest = dots_[c];
        best = c;
      }
      moved = moved || best != cluster_[i];
      put(i, best);
      closeness_[i] = highest;
    }
    return moved;
  }

  // An empty cluster takes the point that fits worst where it is.
  void fill_empty() {
    std::vector<std::size_t> sizes(k_, 0);
    for (const auto c : cluster_) ++sizes[c];
    for (std::uint32_t c = 0; c < k_; ++c) {
      if (sizes[c] > 0) continue;
      std::size_t worst = points_.size();
      for (std::size_t i = 0; i < points_.size(); ++i) {
        if (sizes[cluster_[i]] > 1 && (worst == points_.size() || closeness_[i] < closeness_[worst])) worst = i;
      }
      --sizes[cluster_[worst]];
      put(worst, c);
      closeness_[worst] = 1;
      sizes[c] = 1;
    }
  }

  void put(std::size_t point, std::uint32_t cluster) {
    if (cluster_[point] == cluster) return;
    changed_[cluster_[point]] = changed_[cluster] = 1;
    cluster_[point] = cluster;
  }

  // The others are where they would be moved to.
  void move_centres() {
    std::vector<std::vector<std::size_t>> members(k_);
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (changed_[cluster_[i]] != 0) members[cluster_[i]].push_back(i);
    }
    for (std::uint32_t c = 0; c < k_; ++c) {
      if (std::exchange(changed_[c], 0) == 0) continue;
      for (const auto i : members[c]) sum_.add(points_[i]);
      centres_.assign(c, unit(sum_.take()));
    }
  }

  std::span<const SparseVector> points_;
  std::size_t k_;
  SparseSum sum_;
  Centres centres_;
  std::vector<double> dots_;  // of one point with each centre
  std::vector<std::uint32_t> cluster_;
  std::vector<std::uint8_t> changed_;  // [k] since its centre was moved
  std::vector<double> closeness_;      // [points] cosine to its centre
};

}  // namespace

std::vector<std::uint32_t> cluster_points(std::span<const SparseVector> points, std::size_t k, std::size_t terms) {
  if (k == 1) return std::vector<std::uint32_t>(points.size(), 0);
  std::vector<std::uint32_t> best;
  double highest = -1;
  Clustering clustering(points, k, terms);
  for (std::uint64_t seed = 0; seed < kStarts; ++seed) {
    const double reached = clustering.run(seed);
    if (reached <= highest) continue;
    highest = reached;
    best = clustering.clusters();
  }
  return best;
}

}  // namespace persona4rec
