#include "first_stage/first_stage.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.hpp"
#include "base/hash.hpp"
#include "first_stage/ease.hpp"
#include "first_stage/graph_model.hpp"
#include "first_stage/ials.hpp"
#include "first_stage/item_knn.hpp"
#include "first_stage/popularity.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// 8 for the factored matrix, 4 for the weights.
constexpr double kBytesPerPair = 12;
constexpr std::size_t kMostFactors = 1024;
constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

void check(bool good, const char* message) {
  if (!good) throw usage_error(message);
}

void check_settings(const FirstStageOptions& options) {
  check(options.neighbours >= 1, "itemknn: at least 1 neighbour is needed");
  check(std::isfinite(options.shrink) && options.shrink >= 0, "itemknn: shrink must be 0 or more");
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  check(!options.lambda || positive(*options.lambda), "lambda must be above 0");
  check(!options.alpha || (std::isfinite(*options.alpha) && *options.alpha >= 0), "text-ease: alpha must be 0 or more");
  check(options.factors >= 1 && options.factors <= kMostFactors, "factors must be from 1 to 1024");
  check(!options.passes || *options.passes >= 1, "passes must be at least 1");
  check(positive(options.unobserved), "ials: the unobserved weight must be above 0");
  check(positive(options.step), "bpr, lightgcn: step must be above 0");
}

void check_memory(const FirstStageOptions& options, std::size_t items) {
  const double need_gib = kBytesPerPair * static_cast<double>(items) * static_cast<double>(items) / kGib;
  if (need_gib <= options.max_memory_gib) return;
  throw usage_error(to_string(options.method) + " is dense in the items: " + std::to_string(items) + " of them need " +
                    number_text("%.3g GiB, more than the ", need_gib) +
                    number_text("%.3g GiB", options.max_memory_gib) +
                    " of max-memory-gib; raise it, or take ials, which grows with the items alone");
}

}  // namespace

std::string to_string(FirstStageMethod method) {
  switch (method) {
    case FirstStageMethod::kPopularity:
      return "popularity";
    case FirstStageMethod::kItemKnn:
      return "itemknn";
    case FirstStageMethod::kEase:
      return "ease";
    case FirstStageMethod::kTextEase:
      return "text-ease";
    case FirstStageMethod::kIals:
      return "ials";
    case FirstStageMethod::kBpr:
      return "bpr";
    case FirstStageMethod::kLightGcn:
      return "lightgcn";
  }
  throw internal_error("unknown first-stage method");
}

bool is_personalised(FirstStageMethod method) {
  return method != FirstStageMethod::kPopularity;
}

double lambda_of(const FirstStageOptions& options) {
  if (options.lambda) return *options.lambda;
  switch (options.method) {
    case FirstStageMethod::kTextEase:
      return kTextEaseLambda;
    case FirstStageMethod::kIals:
      return kIalsLambda;
    case FirstStageMethod::kBpr:
      return kBprLambda;
    case FirstStageMethod::kLightGcn:
      return kLightGcnLambda;
    default:
      return kEaseLambda;
  }
}

double alpha_of(const FirstStageOptions& options) {
  return options.method == FirstStageMethod::kTextEase ? options.alpha.value_or(kTextEaseAlpha) : 0;
}

std::size_t passes_of(const FirstStageOptions& options) {
  if (options.passes) return *options.passes;
  if (options.method == FirstStageMethod::kIals) return kIalsPasses;
  return options.method == FirstStageMethod::kBpr ? kBprPasses : kLightGcnPasses;
}

std::unique_ptr<FirstStage> fit_first_stage(const FirstStageOptions& options, const InteractionMatrix& data,
                                            const SparseMatrix* item_texts) {
  check_settings(options);
  switch (options.method) {
    case FirstStageMethod::kPopularity:
      return fit_popularity(data);
    case FirstStageMethod::kItemKnn:
      return fit_item_knn(options, data);
    case FirstStageMethod::kEase:
      check_memory(options, data.items());
      return fit_ease(options, data, nullptr);
    case FirstStageMethod::kTextEase:
      check_memory(options, data.items());
      if (item_texts == nullptr || item_texts->rows() != data.items()) {
        throw internal_error("text-ease needs one text vector an item");
      }
      return fit_ease(options, data, item_texts);
    case FirstStageMethod::kIals:
      return fit_ials(options, data);
    case FirstStageMethod::kBpr:
      return fit_graph_model(options, data, 0);
    case FirstStageMethod::kLightGcn:
      return fit_graph_model(options, data, kLightGcnLayers);
  }
  throw internal_error("unknown first-stage method");
}

SparseMatrix item_text_vectors(const TermCorpus& reviews, std::span<const std::uint32_t> item_of,
                               std::span<const std::uint8_t> held_out, std::size_t items, const WordOptions& options) {
  std::vector<std::uint8_t> without_review(items, 1);
  for (std::size_t r = 0; r < reviews.size(); ++r) {
    if (held_out.empty() || held_out[r] == 0) without_review[item_of[r]] = 0;
  }
  const TermCorpus texts = reviews.merged(item_of, items, held_out);
  return texts.vectors(texts.fit(options, without_review));
}

std::vector<std::uint32_t> tie_ranks(std::span<const ItemId> item_ids, std::uint64_t seed) {
  std::vector<std::string> hash;
  for (const auto& id : item_ids) hash.push_back(sha256_hex(std::to_string(seed) + "|" + id.text()));
  std::vector<std::uint32_t> order(item_ids.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t item) -> const std::string& { return hash[item]; });
  std::vector<std::uint32_t> rank(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  return rank;
}

TopItems::TopItems(const InteractionMatrix& data, std::span<const std::uint32_t> tie_rank) : place_(data.items()) {
  for (std::uint32_t item = 0; item < data.items(); ++item) {
    if (data.popularity(item) > 0) by_place_.push_back(item);
  }
  std::ranges::sort(by_place_, [&](std::uint32_t a, std::uint32_t b) {
    return data.popularity(a) != data.popularity(b) ? data.popularity(a) > data.popularity(b)
                                                    : tie_rank[a] < tie_rank[b];
  });
  for (std::uint32_t i = 0; i < by_place_.size(); ++i) place_[by_place_[i]] = i;
}

std::vector<ScoredItem> TopItems::best(std::span<const double> scores, std::span<const std::uint32_t> had,
                                       std::size_t k) const {
  std::vector<std::uint32_t> taken(had.begin(), had.end());
  std::ranges::sort(taken);
  const auto better = [&](const ScoredItem& a, const ScoredItem& b) {
    return a.score != b.score ? a.score > b.score : place_[a.item] < place_[b.item];
  };
  std::vector<ScoredItem> found;  // a heap of at most k, the worst in front
  for (const std::uint32_t item : by_place_) {
    const bool full = found.size() >= k;
    // Of equal scores the one that came first stays.
    if (full && (k == 0 || !(scores[item] > found.front().score))) continue;
    if (std::ranges::binary_search(taken, item)) continue;
    if (full) {
      std::ranges::pop_heap(found, better);
      found.pop_back();
    }
    found.push_back({item, scores[item]});
    std::ranges::push_heap(found, better);
  }
  std::ranges::sort_heap(found, better);
  return found;
}

}  // namespace persona4rec
