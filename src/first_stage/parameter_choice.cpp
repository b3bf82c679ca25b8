#include "first_stage/parameter_choice.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "base/parallel.hpp"
#include "base/rng.hpp"
#include "base/stop.hpp"
#include "first_stage/ease.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kFolds = 4;
// A trial costs the cube of its items: of a larger catalogue those of most users are tried.
constexpr std::size_t kMostItems = 1500;
// Further folds of a large set would say the same.
constexpr std::size_t kEnoughLists = 4000;
constexpr std::size_t kNdcgDepth = 10;
constexpr double kLambdas[] = {10, 25, 50, 100, 200, 400};
constexpr double kAlphas[] = {5, 15, 35, 75, 150};  // and 0: no text
constexpr std::uint32_t kNoItem = UINT32_MAX;

struct Held {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
};

// Values of one trial, a list each, against those of another: is it better by more than two standard errors?
bool clearly_better(const std::vector<double>& values, const std::vector<double>& than) {
  const auto count = static_cast<double>(values.size());
  double mean = 0;
  for (std::size_t i = 0; i < values.size(); ++i) mean += (values[i] - than[i]) / count;
  double variance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double off = values[i] - than[i] - mean;
    variance += off * off / count;
  }
  return mean > 2 * std::sqrt(variance / count);
}

class Choosing {
 public:
  Choosing(const FirstStageOptions& options, const FoldInteractions& data) : options_(options), data_(data) {
    keep_items();
    make_grid();
  }

  ParameterChoice run() {
    std::vector<std::uint32_t> order = held_order();
    for (std::size_t fold = 0; fold < kFolds && result_.lists < kEnoughLists; ++fold) {
      const std::size_t begin = order.size() * fold / kFolds;
      const std::size_t end = order.size() * (fold + 1) / kFolds;
      try_fold(std::span(order).subspan(begin, end - begin));
    }
    choose();
    return std::move(result_);
  }

 private:
  // The items of most users, in their old order.
  void keep_items() {
    std::vector<std::uint32_t> users(data_.items, 0);
    for (std::size_t i = 0; i < data_.pairs.size(); ++i) users[data_.pairs[i].item] += data_.known[i];
    std::vector<std::uint32_t> by_users(data_.items);
    std::iota(by_users.begin(), by_users.end(), 0U);
    std::ranges::stable_sort(by_users, std::greater(), [&](std::uint32_t item) { return users[item]; });
    by_users.resize(std::min(by_users.size(), kMostItems));
    while (!by_users.empty() && users[by_users.back()] == 0) by_users.pop_back();
    std::ranges::sort(by_users);
    kept_of_item_.assign(data_.items, kNoItem);
    for (std::uint32_t k = 0; k < by_users.size(); ++k) kept_of_item_[by_users[k]] = k;
    result_.items = by_users.size();
  }

  void make_grid() {
    const double lambda = lambda_of(options_);
    const double alpha = alpha_of(options_);
    const bool with_text = options_.method == FirstStageMethod::kTextEase;
    const auto add = [&](double a) {
      for (const double l : kLambdas) {
        if (!options_.lambda) result_.tried.push_back({.lambda = l, .alpha = a});
      }
      if (options_.lambda) result_.tried.push_back({.lambda = lambda, .alpha = a});
    };
    if (!with_text || !options_.alpha) add(0);
    if (with_text && options_.alpha) add(alpha);
    if (with_text && !options_.alpha) {
      for (const double a : kAlphas) add(a);
    }
    values_.resize(result_.tried.size());
  }

  [[nodiscard]] bool usable(std::size_t i) const {
    return data_.known[i] != 0 && kept_of_item_[data_.pairs[i].item] != kNoItem;
  }

  // Liked interactions in an order that is drawn once.
  [[nodiscard]] std::vector<std::uint32_t> held_order() const {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < data_.pairs.size(); ++i) {
      if (usable(i) && data_.liked[i] != 0) order.push_back(i);
    }
    Rng(options_.seed, "parameters").shuffle(order);
    return order;
  }

  void try_fold(std::span<const std::uint32_t> fold) {
    std::vector<std::uint8_t> out(data_.pairs.size(), 0);
    for (const auto i : fold) out[i] = 1;
    std::vector<UserItem> pairs;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (usable(i) && out[i] == 0) pairs.push_back({data_.pairs[i].user, kept_of_item_[data_.pairs[i].item]});
    }
    const InteractionMatrix had(pairs, data_.users, result_.items);
    const std::vector<Held> held = lists_of(fold, had);
    const auto texts = item_texts(std::move(out));
    const EaseFits fits(had, texts ? &*texts : nullptr);
    parallel_ranges(result_.tried.size(), 1, options_.threads, [&](std::size_t begin, std::size_t) {
      throw_if_stopped();
      const auto& [lambda, alpha, ndcg] = result_.tried[begin];
      const auto model = fits.fit(lambda, alpha);
      add_values(*model, had, held, values_[begin]);
    });
    result_.lists += held.size();
  }

  // Held-out items that can be found: their user has others left, and lacks this one.
  [[nodiscard]] std::vector<Held> lists_of(std::span<const std::uint32_t> fold, const InteractionMatrix& had) const {
    std::vector<Held> held;
    for (const auto i : fold) {
      const auto item = kept_of_item_[data_.pairs[i].item];
      const auto others = had.items_of(data_.pairs[i].user);
      if (others.empty() || std::ranges::binary_search(others, item) || had.popularity(item) == 0) continue;
      held.push_back({.user = data_.pairs[i].user, .item = item});
      if (held.size() == kEnoughLists) break;
    }
    return held;
  }

  [[nodiscard]] std::optional<SparseMatrix> item_texts(std::vector<std::uint8_t> out) const {
    if (options_.method != FirstStageMethod::kTextEase) return std::nullopt;
    std::vector<std::uint32_t> item_of;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = usable(i) && out[i] == 0 ? 0 : 1;
      item_of.push_back(out[i] == 0 ? kept_of_item_[data_.pairs[i].item] : 0);
    }
    return item_text_vectors(*data_.reviews, item_of, out, result_.items, options_.words);
  }

  static void add_values(const FirstStage& model, const InteractionMatrix& had, const std::vector<Held>& held,
                         std::vector<double>& values) {
    std::vector<double> scores(had.items());
    for (const auto& [user, item] : held) {
      model.score(user, had.items_of(user), scores);
      for (const auto taken : had.items_of(user)) scores[taken] = -HUGE_VAL;
      // Items of an equal score stand before it: a model that says nothing finds nothing.
      std::size_t before = 0;
      for (std::size_t j = 0; j < scores.size(); ++j) before += j != item && scores[j] >= scores[item] ? 1 : 0;
      values.push_back(before < kNdcgDepth ? 1 / std::log2(static_cast<double>(before) + 2) : 0);
    }
  }

  // The trial to take of those with text or of those without: the best, unless the defaults are as good.
  [[nodiscard]] std::size_t best_of(bool with_text, double lambda, double alpha) const {
    std::optional<std::size_t> best;
    std::optional<std::size_t> usual;
    for (std::size_t t = 0; t < result_.tried.size(); ++t) {
      const auto& one = result_.tried[t];
      if ((one.alpha > 0) != with_text) continue;
      if (!best || one.ndcg > result_.tried[*best].ndcg) best = t;
      if (one.lambda == lambda && one.alpha == alpha) usual = t;
    }
    if (!best) return result_.tried.size();
    return !usual || clearly_better(values_[*best], values_[*usual]) ? *best : *usual;
  }

  void choose() {
    result_.lambda = lambda_of(options_);
    result_.alpha = alpha_of(options_);
    if (result_.lists == 0) {
      result_.tried.clear();
      return;
    }
    for (std::size_t t = 0; t < values_.size(); ++t) {
      result_.tried[t].ndcg =
          std::accumulate(values_[t].begin(), values_[t].end(), 0.0) / static_cast<double>(result_.lists);
    }
    const std::size_t none = result_.tried.size();
    const std::size_t plain = best_of(false, options_.lambda.value_or(kEaseLambda), 0);
    const std::size_t text = best_of(true, lambda_of(options_), alpha_of(options_));
    const bool takes_text = text != none && (plain == none || clearly_better(values_[text], values_[plain]));
    const auto& chosen = result_.tried[takes_text ? text : plain];
    result_.lambda = chosen.lambda;
    result_.alpha = chosen.alpha;
  }

  const FirstStageOptions& options_;
  const FoldInteractions& data_;
  std::vector<std::uint32_t> kept_of_item_;  // [items] kNoItem = not tried
  std::vector<std::vector<double>> values_;  // [trials][lists]
  ParameterChoice result_;
};

}  // namespace

ParameterChoice choose_parameters(const FirstStageOptions& options, const FoldInteractions& data) {
  return Choosing(options, data).run();
}

}  // namespace persona4rec
