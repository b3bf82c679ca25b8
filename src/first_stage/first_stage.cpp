#include "first_stage/first_stage.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.hpp"
#include "base/hash.hpp"
#include "first_stage/ease.hpp"
#include "first_stage/item_knn.hpp"
#include "first_stage/popularity.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// 8 for the factored matrix, 4 for the weights.
constexpr double kBytesPerPair = 12;
constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

void check(bool good, const char* message) {
  if (!good) throw usage_error(message);
}

void check_settings(const FirstStageOptions& options) {
  check(options.neighbours >= 1, "itemknn: at least 1 neighbour is needed");
  check(std::isfinite(options.shrink) && options.shrink >= 0, "itemknn: shrink must be 0 or more");
  check(!options.lambda || (std::isfinite(*options.lambda) && *options.lambda > 0), "ease: lambda must be above 0");
  check(std::isfinite(options.alpha) && options.alpha >= 0, "text-ease: alpha must be 0 or more");
}

void check_memory(const FirstStageOptions& options, std::size_t items) {
  const double need_gib = kBytesPerPair * static_cast<double>(items) * static_cast<double>(items) / kGib;
  if (need_gib <= options.max_memory_gib) return;
  throw usage_error(to_string(options.method) + " is dense in the items: " + std::to_string(items) + " of them need " +
                    number_text("%.3g GiB, more than the ", need_gib) +
                    number_text("%.3g GiB", options.max_memory_gib) + " of max-memory-gib; raise it, or take itemknn");
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
  }
  throw internal_error("unknown first-stage method");
}

bool is_personalised(FirstStageMethod method) {
  return method != FirstStageMethod::kPopularity;
}

double lambda_of(const FirstStageOptions& options) {
  return options.lambda.value_or(options.method == FirstStageMethod::kTextEase ? kTextEaseLambda : kEaseLambda);
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

TopItems::TopItems(const InteractionMatrix& data, std::span<const std::uint32_t> tie_rank)
    : place_(data.items()), taken_(data.items(), 0) {
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
                                       std::size_t k) {
  for (const std::uint32_t item : had) taken_[item] = 1;
  std::vector<ScoredItem> found;
  for (const std::uint32_t item : by_place_) {
    if (taken_[item] == 0) found.push_back({item, scores[item]});
  }
  for (const std::uint32_t item : had) taken_[item] = 0;

  const auto better = [&](const ScoredItem& a, const ScoredItem& b) {
    return a.score != b.score ? a.score > b.score : place_[a.item] < place_[b.item];
  };
  k = std::min(k, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(k), found.end(), better);
  found.resize(k);
  return found;
}

}  // namespace persona4rec
