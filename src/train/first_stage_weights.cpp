#include "train/first_stage_weights.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/rng.hpp"
#include "matching/weight_choice.hpp"
#include "train/fit_view.hpp"

namespace persona4rec {
namespace {

using Weights = std::vector<double>;  // by FitChannel

constexpr std::size_t kUserGroups = 5;
constexpr double kHalfAnError = 0.5;  // standard errors
constexpr double kTwoErrors = 2;      // as choose_weights() asks for
constexpr std::array<double, 3> kHeadFactors = {1.5, 2, 3};

// Weights that differ by persona words from those chosen without them: none, a little, more, and in part instead of
// review words. Few, so that little can be read out of noise.
std::vector<Weights> with_persona_words(const Weights& chosen) {
  const double texts = chosen[kFitWords] + chosen[kFitHead];
  const double unit = (texts > 0 ? texts : kHeadWeights.words + kHeadWeights.head) / 6;
  std::vector<Weights> points(4, chosen);
  points[1][kFitPersonaWords] = unit;
  points[2][kFitPersonaWords] = 2 * unit;
  points[3][kFitPersonaWords] = 2 * unit;
  points[3][kFitWords] = std::max(0.0, chosen[kFitWords] - unit);
  return points;
}

// The same weights, and with a heavier head as far as the range goes.
std::vector<Weights> with_heavier_head(const Weights& chosen) {
  std::vector<Weights> points = {chosen};
  for (const double factor : kHeadFactors) {
    if (chosen[kFitHead] * factor > kWeightRange.back()) break;
    points.push_back(chosen);
    points.back()[kFitHead] *= factor;
  }
  return points;
}

// NDCG@10 of every list under every point, and which of them is best for some of the lists.
class PointChoice {
 public:
  PointChoice(const FitData& data, const std::vector<Weights>& points) {
    for (const auto& point : points) ndcg_.push_back(list_ndcg(data, point));
  }

  // The point of the largest gain over the first less so many of its standard errors, over the lists that `use` says.
  template <class Use>
  [[nodiscard]] std::size_t best(double errors, const Use& use) const {
    std::size_t best = 0;
    double largest = 0;
    for (std::size_t p = 1; p < ndcg_.size(); ++p) {
      std::vector<double> with;
      std::vector<double> without;
      for (std::size_t list = 0; list < ndcg_[p].size(); ++list) {
        if (!use(list)) continue;
        with.push_back(ndcg_[p][list]);
        without.push_back(ndcg_[0][list]);
      }
      const auto gain = mean_difference(with, without);
      if (gain.mean - errors * gain.error <= largest) continue;
      largest = gain.mean - errors * gain.error;
      best = p;
    }
    return best;
  }

  [[nodiscard]] double ndcg(std::size_t point, std::size_t list) const { return ndcg_[point][list]; }
  [[nodiscard]] std::size_t lists() const { return ndcg_[0].size(); }

 private:
  std::vector<std::vector<double>> ndcg_;  // [points][lists]
};

FusionWeights fusion_weights(const Weights& weights) {
  return {.base = weights[kFitBase],
          .words = weights[kFitWords],
          .persona = 0,
          .head = weights[kFitHead],
          .persona_words = weights[kFitPersonaWords]};
}

class Choice {
 public:
  Choice(const FitLists& lists, const TrainOptions& options) : lists_(lists), options_(options) {
    chosen_.method = lists.method;
  }

  FirstStageWeights make() {
    by_all_lists();
    by_head_that_serves();
    by_valid();
    chosen_.weights = fusion_weights(weights_);
    return chosen_;
  }

 private:
  // Base, words and head: neither the folds' nor world valid's lists were seen by what scores them.
  void by_all_lists() {
    chosen_.fold_lists = lists_.folds.lists();
    FitData all = lists_.folds;
    all.append(lists_.valid);
    if (all.lists() == 0) return;
    const Weights range(kWeightRange.begin(), kWeightRange.end());
    const auto start = weights_;
    const auto choice =
        choose_weights(all, start, {{kBaseRange.begin(), kBaseRange.end()}, range, range, {0}}, options_.threads);
    weights_ = choice.weights;
    drop_useless(all, start, weights_);
    chosen_.ndcg = mean_of(list_ndcg(all, weights_));
    chosen_.words = best_alone(all, kFitWords);
    chosen_.head = best_alone(all, kFitHead);
    if (chosen_.fold_lists == 0) return;
    chosen_.fold_fixed_ndcg = mean_of(list_ndcg(lists_.folds, start));
    chosen_.fold_ndcg = mean_of(list_ndcg(lists_.folds, weights_));
  }

  [[nodiscard]] SingleChannel best_alone(const FitData& data, FitChannel channel) const {
    SingleChannel best;
    for (const double weight : kWeightRange) {
      Weights weights(weights_.size(), 0);
      weights[kFitBase] = 1;
      weights[channel] = weight;
      const double ndcg = mean_of(list_ndcg(data, weights));
      if (weight > 0 && ndcg > best.ndcg) best = {.weight = weight, .ndcg = ndcg};
    }
    return best;
  }

  // The head of a fold learned from fewer positives, so that its lists underrate the one that serves, which world valid
  // sees.
  void by_head_that_serves() {
    if (lists_.valid.lists() == 0 || lists_.folds.lists() == 0) return;
    const auto points = with_heavier_head(weights_);
    weights_ = points[PointChoice(lists_.valid, points).best(kTwoErrors, [](std::size_t) { return true; })];
  }

  // Each user's persona words are judged with what the other users chose; where that gains nothing they get no weight.
  void by_valid() {
    chosen_.valid_lists = lists_.valid.lists();
    if (chosen_.valid_lists == 0) return;
    const auto points = with_persona_words(weights_);
    const PointChoice choice(lists_.valid, points);
    std::vector<std::size_t> group(choice.lists());
    for (std::size_t list = 0; list < group.size(); ++list) {
      group[list] = Rng(options_.head.seed, "group " + std::to_string(lists_.user_of_valid[list])).below(kUserGroups);
    }
    double with = 0;
    double without = 0;
    for (std::size_t g = 0; g < kUserGroups; ++g) {
      const auto point = choice.best(kHalfAnError, [&](std::size_t list) { return group[list] != g; });
      for (std::size_t list = 0; list < group.size(); ++list) {
        if (group[list] == g) with += choice.ndcg(point, list);
        if (group[list] == g) without += choice.ndcg(0, list);
      }
    }
    const auto n = static_cast<double>(choice.lists());
    chosen_.valid_ndcg = with / n;
    chosen_.valid_without_ndcg = without / n;
    if (with > without) weights_ = points[choice.best(kHalfAnError, [](std::size_t) { return true; })];
  }

  static double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }

  const FitLists& lists_;
  const TrainOptions& options_;
  Weights weights_ = {kHeadWeights.base, kHeadWeights.words, kHeadWeights.head, kHeadWeights.persona_words};
  FirstStageWeights chosen_;
};

}  // namespace

FirstStageWeights choose_first_stage_weights(const FitLists& lists, const TrainOptions& options) {
  return Choice(lists, options).make();
}

}  // namespace persona4rec
