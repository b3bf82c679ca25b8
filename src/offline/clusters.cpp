#include "offline/clusters.hpp"

#include <algorithm>
#include <utility>

#include "base/rng.hpp"
#include "lexical/term_array.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kStarts = 6;
constexpr int kMaxRounds = 15;

class Clustering {
 public:
  Clustering(std::span<const SparseVector> points, std::size_t k, std::size_t terms)
      : points_(points),
        k_(k),
        sum_(terms),
        centres_(k, TermArray(terms)),
        cluster_(points.size(), 0),
        closeness_(points.size(), 0) {}

  // Sum of cosines reached.
  double run(std::uint64_t seed) {
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

  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(cluster_); }

 private:
  // k-means++: each next centre is drawn by how far a point is from the centres so far.
  void start(std::uint64_t seed) {
    Rng rng(seed);
    centres_[0].assign(points_[rng.below(points_.size())]);
    std::vector<double> distance(points_.size(), 2.0);
    for (std::size_t c = 1; c < k_; ++c) {
      double total = 0;
      for (std::size_t i = 0; i < points_.size(); ++i) {
        distance[i] = std::min(distance[i], std::max(0.0, 1 - centres_[c - 1].dot(points_[i])));
        total += distance[i];
      }
      double draw = rng.uniform() * total;
      std::size_t chosen = 0;
      while (chosen + 1 < points_.size() && draw >= distance[chosen]) draw -= distance[chosen++];
      centres_[c].assign(points_[chosen]);
    }
  }

  bool assign() {
    bool moved = false;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      std::uint32_t best = 0;
      double highest = -1;
      for (std::uint32_t c = 0; c < k_; ++c) {
        const double closeness = centres_[c].dot(points_[i]);
        if (closeness <= highest) continue;
        highest = closeness;
        best = c;
      }
      moved = moved || best != cluster_[i];
      cluster_[i] = best;
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
      cluster_[worst] = c;
      closeness_[worst] = 1;
      sizes[c] = 1;
    }
  }

  void move_centres() {
    std::vector<std::vector<std::size_t>> members(k_);
    for (std::size_t i = 0; i < points_.size(); ++i) members[cluster_[i]].push_back(i);
    for (std::uint32_t c = 0; c < k_; ++c) {
      for (const auto i : members[c]) sum_.add(points_[i]);
      centres_[c].assign(unit(sum_.take()));
    }
  }

  std::span<const SparseVector> points_;
  std::size_t k_;
  SparseSum sum_;
  std::vector<TermArray> centres_;  // [k]
  std::vector<std::uint32_t> cluster_;
  std::vector<double> closeness_;  // [points] cosine to its centre
};

}  // namespace

std::vector<std::uint32_t> cluster_points(std::span<const SparseVector> points, std::size_t k, std::size_t terms) {
  std::vector<std::uint32_t> best;
  double highest = -1;
  for (std::uint64_t seed = 0; seed < kStarts; ++seed) {
    Clustering clustering(points, k, terms);
    const double reached = clustering.run(seed);
    if (reached <= highest) continue;
    highest = reached;
    best = clustering.take();
  }
  return best;
}

}  // namespace persona4rec
