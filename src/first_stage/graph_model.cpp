#include "first_stage/graph_model.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "first_stage/factors.hpp"

namespace persona4rec {
namespace {

constexpr double kGraphDeviation = 0.1;
constexpr std::size_t kSmallestBatch = 1024;
constexpr std::size_t kMostBatches = 16;  // of a pass: with neighbours every batch moves all vectors
constexpr float kDecay = 0.9F;            // Adam (Kingma, Ba 2015)
constexpr float kSquareDecay = 0.999F;
constexpr float kEpsilon = 1e-8F;

// The normalised two-sided graph: users first, then items.
class Graph {
 public:
  Graph(const InteractionMatrix& data, std::size_t threads) : data_(data), threads_(threads) {
    for (std::uint32_t user = 0; user < data.users(); ++user) add_node(data.items_of(user).size());
    for (std::uint32_t item = 0; item < data.items(); ++item) add_node(data.popularity(item));
  }

  [[nodiscard]] std::size_t nodes() const { return scale_.size(); }

  // mean = the mean of rows, A rows, A A rows ..: `layers` products with A_ui = 1 / sqrt(n_u n_i). A is symmetric, so
  // this is its own gradient. REQUIRES: layers > 0, mean another matrix.
  void mean_over_layers(const FactorRows& rows, std::size_t layers, FactorRows& mean) {
    for (auto* matrix : {&mean, &from_, &to_}) matrix->resizeLike(rows);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const bool last = layer + 1 == layers;
      multiply(layer == 0 ? rows : from_, [&](std::size_t node) {
        auto row = mean.row(eigen_index(node));
        if (layer == 0) row = rows.row(eigen_index(node));
        row += to_.row(eigen_index(node));
        if (last) row /= static_cast<float>(layers + 1);
      });
      from_.swap(to_);
    }
  }

 private:
  void add_node(std::size_t degree) {
    scale_.push_back(degree == 0 ? 0.0F : static_cast<float>(1 / std::sqrt(static_cast<double>(degree))));
  }

  // to_ = A from; calls done(node) after each row.
  template <class Done>
  void multiply(const FactorRows& from, const Done& done) {
    const std::size_t users = data_.users();
    parallel_ranges(nodes(), kFactorRowsPerTask, threads_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t node = begin; node < end; ++node) {
        auto row = to_.row(eigen_index(node));
        row.setZero();
        const auto add = [&](std::size_t other) { row += scale_[other] * from.row(eigen_index(other)); };
        if (node < users) {
          for (const auto item : data_.items_of(static_cast<std::uint32_t>(node))) add(users + item);
        } else {
          for (const auto user : data_.users_of(static_cast<std::uint32_t>(node - users))) add(user);
        }
        row *= scale_[node];
        done(node);
      }
    });
  }

  const InteractionMatrix& data_;
  std::size_t threads_;
  std::vector<float> scale_;  // [nodes] 1 / sqrt(neighbours)
  FactorRows from_;           // scratch
  FactorRows to_;
};

class Adam {
 public:
  Adam(const FactorRows& vectors, const FirstStageOptions& options)
      : mean_(FactorRows::Zero(vectors.rows(), vectors.cols())),
        square_(mean_),
        step_(options.step),
        threads_(options.threads) {}

  // Moves these rows alone, the others' means stand still.
  void move(FactorRows& vectors, const FactorRows& slope, std::span<const std::uint32_t> rows) {
    mean_power_ *= double{kDecay};
    square_power_ *= double{kSquareDecay};
    const auto step = static_cast<float>(step_ / (1 - mean_power_));
    const auto correction = static_cast<float>(1 / (1 - square_power_));
    parallel_ranges(rows.size(), kFactorRowsPerTask, threads_, [&](std::size_t begin, std::size_t end) {
      for (const auto row : rows.subspan(begin, end - begin)) {
        const auto of = [row](auto& matrix) { return matrix.row(eigen_index(row)).array(); };
        of(mean_) = kDecay * of(mean_) + (1 - kDecay) * of(slope);
        of(square_) = kSquareDecay * of(square_) + (1 - kSquareDecay) * of(slope).square();
        of(vectors) -= step * of(mean_) / ((of(square_) * correction).sqrt() + kEpsilon);
      }
    });
  }

 private:
  FactorRows mean_;
  FactorRows square_;
  double step_;
  std::size_t threads_;
  double mean_power_ = 1;
  double square_power_ = 1;
};

class PairwiseTrainer {
 public:
  PairwiseTrainer(const FirstStageOptions& options, const InteractionMatrix& data, std::size_t layers)
      : options_(options),
        data_(data),
        layers_(layers),
        graph_(data, options.threads),
        rng_(options.seed, "pairwise"),
        vectors_(random_factors(graph_.nodes(), options.factors, kGraphDeviation, rng_)),
        slope_(FactorRows::Zero(vectors_.rows(), vectors_.cols())),
        all_nodes_(graph_.nodes()) {
    std::iota(all_nodes_.begin(), all_nodes_.end(), 0U);
    for (std::uint32_t user = 0; user < data.users(); ++user) {
      for (const auto item : data.items_of(user)) pairs_.push_back({user, item});
    }
    for (std::uint32_t item = 0; item < data.items(); ++item) {
      if (data.popularity(item) > 0) had_items_.push_back(item);
    }
  }

  // [users + items, factors] that scores are products of.
  FactorRows run() {
    Adam adam(vectors_, options_);
    const std::size_t batch = std::max(kSmallestBatch, (pairs_.size() + kMostBatches - 1) / kMostBatches);
    for (std::size_t pass = 0; pass < passes_of(options_); ++pass) {
      rng_.shuffle(pairs_);
      for (std::size_t begin = 0; begin < pairs_.size(); begin += batch) {
        throw_if_stopped();
        draw(std::span(pairs_).subspan(begin, std::min(batch, pairs_.size() - begin)));
        group_by_node();
        find_slope();
        adam.move(vectors_, slope_, moved());
      }
    }
    if (layers_ > 0) graph_.mean_over_layers(vectors_, layers_, seen_);
    return layers_ > 0 ? std::move(seen_) : std::move(vectors_);
  }

 private:
  struct Sample {
    std::uint32_t user, item, other;  // nodes; `other` is an item that the user lacks
  };
  enum Role : std::uint8_t { kUser, kItem, kOther };
  struct Part {
    std::uint32_t sample = 0;
    Role role = kUser;
  };

  void draw(std::span<const UserItem> batch) {
    samples_.clear();
    const auto users = static_cast<std::uint32_t>(data_.users());
    for (const auto& [user, item] : batch) {
      samples_.push_back({.user = user, .item = users + item, .other = users + other_item(user)});
    }
  }

  // The parts that each node has in the batch, in the samples' order.
  void group_by_node() {
    part_begin_.assign(graph_.nodes() + 1, 0);
    for (const auto& [user, item, other] : samples_) {
      for (const auto node : {user, item, other}) ++part_begin_[node + 1];
    }
    touched_.clear();
    for (std::uint32_t node = 0; node < graph_.nodes(); ++node) {
      if (part_begin_[node + 1] > 0) touched_.push_back(node);
      part_begin_[node + 1] += part_begin_[node];
    }
    parts_.resize(3 * samples_.size());
    next_ = part_begin_;
    for (std::uint32_t s = 0; s < samples_.size(); ++s) {
      parts_[next_[samples_[s].user]++] = {s, kUser};
      parts_[next_[samples_[s].item]++] = {s, kItem};
      parts_[next_[samples_[s].other]++] = {s, kOther};
    }
  }

  [[nodiscard]] std::span<const Part> parts_of(std::uint32_t node) const {
    return std::span(parts_).subspan(part_begin_[node], part_begin_[node + 1] - part_begin_[node]);
  }

  // Nodes whose vectors a batch moves; with neighbours, all.
  [[nodiscard]] std::span<const std::uint32_t> moved() const { return layers_ == 0 ? touched_ : all_nodes_; }

  template <class Work>
  void for_each_node(std::span<const std::uint32_t> nodes, const Work& work) const {
    parallel_ranges(nodes.size(), kFactorRowsPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (const auto node : nodes.subspan(begin, end - begin)) work(node);
    });
  }

  // Any item where the user has them all.
  std::uint32_t other_item(std::uint32_t user) {
    const auto had = data_.items_of(user);
    std::uint32_t item = had_items_[rng_.below(had_items_.size())];
    while (had.size() < had_items_.size() && std::ranges::binary_search(had, item)) {
      item = had_items_[rng_.below(had_items_.size())];
    }
    return item;
  }

  // Of the mean over the samples of log(1 + exp(-(x_ui - x_uj))) + lambda / 2 (|e_u|^2 + |e_i|^2 + |e_j|^2), x of the
  // averaged vectors, e the vectors themselves.
  // A node's row is summed up by one thread, in the samples' order.
  void find_slope() {
    if (layers_ > 0) graph_.mean_over_layers(vectors_, layers_, seen_);
    const FactorRows& seen = layers_ > 0 ? seen_ : vectors_;
    find_pulls(seen);
    for_each_node(moved(), [&](std::uint32_t node) {
      slope_.row(node).setZero();
      for (const auto& part : parts_of(node)) add_pull(seen, part, node);
    });
    if (layers_ > 0) {
      graph_.mean_over_layers(slope_, layers_, seen_);
      slope_.swap(seen_);
    }
    const auto l2 = static_cast<float>(lambda_of(options_)) * share();
    for_each_node(touched_, [&](std::uint32_t node) {
      for (std::size_t k = parts_of(node).size(); k > 0; --k) slope_.row(node) += l2 * vectors_.row(node);
    });
  }

  [[nodiscard]] float share() const { return 1 / static_cast<float>(samples_.size()); }

  void find_pulls(const FactorRows& seen) {
    pulls_.resize(samples_.size());
    parallel_ranges(samples_.size(), kFactorRowsPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t s = begin; s < end; ++s) {
        const auto& [user, item, other] = samples_[s];
        pulls_[s] = share() / (1 + std::exp(seen.row(user).dot(seen.row(item) - seen.row(other))));
      }
    });
  }

  void add_pull(const FactorRows& seen, const Part& part, std::uint32_t node) {
    const auto& [user, item, other] = samples_[part.sample];
    const float pull = pulls_[part.sample];
    switch (part.role) {
      case kUser:
        slope_.row(node) -= pull * (seen.row(item) - seen.row(other));
        return;
      case kItem:
        slope_.row(node) -= pull * seen.row(user);
        return;
      case kOther:
        slope_.row(node) += pull * seen.row(user);
    }
  }

  const FirstStageOptions& options_;
  const InteractionMatrix& data_;
  std::size_t layers_;
  Graph graph_;
  Rng rng_;
  FactorRows vectors_;  // [users + items, factors]
  FactorRows slope_;    // of the same shape; of the rows that a batch moves
  FactorRows seen_;     // vectors_ averaged over layers
  std::vector<std::uint32_t> all_nodes_;
  std::vector<UserItem> pairs_;
  std::vector<std::uint32_t> had_items_;
  std::vector<Sample> samples_;            // of a batch
  std::vector<float> pulls_;               // [samples]
  std::vector<std::uint32_t> touched_;     // the nodes in it, increasing
  std::vector<std::uint32_t> part_begin_;  // [nodes + 1] offsets into parts_
  std::vector<std::uint32_t> next_;        // [nodes + 1] scratch
  std::vector<Part> parts_;                // [3 samples]
};

class GraphModel final : public FirstStage {
 public:
  GraphModel(const FactorRows& vectors, std::size_t users)
      : users_(vectors.topRows(eigen_index(users))), items_(vectors.bottomRows(vectors.rows() - eigen_index(users))) {}

  void score(std::uint32_t user, std::span<const std::uint32_t> had, std::span<double> scores) const override {
    if (had.empty()) {
      std::ranges::fill(scores, 0.0);
      return;
    }
    score_rows(items_, users_.row(eigen_index(user)).transpose(), scores);
  }

 private:
  FactorRows users_;
  FactorRows items_;
};

}  // namespace

std::unique_ptr<FirstStage> fit_graph_model(const FirstStageOptions& options, const InteractionMatrix& data,
                                            std::size_t layers) {
  return std::make_unique<GraphModel>(PairwiseTrainer(options, data, layers).run(), data.users());
}

}  // namespace persona4rec
