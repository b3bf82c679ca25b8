#include "train/validation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/bulk/sort_distinct.hpp"
#include "base/parallel.hpp"
#include "base/refuse.hpp"
#include "base/rng.hpp"
#include "io/lists/candidate_lists.hpp"
#include "matching/fusion.hpp"
#include "matching/head_map.hpp"
#include "matching/persona_score.hpp"
#include "matching/ranking_metrics.hpp"
#include "matching/user_profile.hpp"
#include "train/head_model.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kTop = 10;
constexpr std::size_t kUsersPerTask = 4;
constexpr std::size_t kUsersAtOnce = 64;  // [64, personas] f32 scores at once

// Every row through the map, at unit length; no map = the rows as they are.
std::vector<float> mapped(std::span<const float> rows, std::size_t d, std::span<const float> map, std::size_t threads) {
  std::vector<float> out(rows.begin(), rows.end());
  if (!map.empty()) map_rows({.inputs = d, .outputs = d, .weights = map}, rows, out, threads);
  return out;
}

// 1-based ranks of the true items in `order` (items, best first); ascending.
std::vector<std::uint32_t> ranks_of(std::span<const std::uint32_t> order, std::span<const std::uint32_t> truth) {
  std::vector<std::uint32_t> ranks;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    if (std::find(truth.begin(), truth.end(), order[i]) != truth.end()) ranks.push_back(i + 1);
  }
  return ranks;
}

struct QualitySum {
  double hit = 0;
  double ndcg = 0;
  std::uint64_t users = 0;

  void add(std::span<const std::uint32_t> ranks, std::size_t truths) {
    hit += hit_at(ranks, kTop);
    ndcg += ndcg_at(ranks, truths, kTop);
    ++users;
  }
  [[nodiscard]] std::optional<ValidQuality> mean() const {
    if (users == 0) return std::nullopt;
    const auto n = static_cast<double>(users);
    return ValidQuality{.hit10 = hit / n, .ndcg10 = ndcg / n, .users = users};
  }
};

}  // namespace

std::optional<double> ValidScores::criterion() const {
  if (candidates) return candidates->ndcg10;
  return all_items ? std::optional(all_items->ndcg10) : std::nullopt;
}

Json log_entry(const std::optional<ValidQuality>& quality) {
  if (!quality) return nullptr;
  return {{"hit@10", quality->hit10}, {"ndcg@10", quality->ndcg10}, {"users", quality->users}};
}

Validation::Validation(const FrozenWorld& world, const TrainOptions& options, const std::optional<InputFile>& lists)
    : world_(world), options_(options) {
  choose_users();
  make_vectors();
  if (lists) read_candidates(*lists);
}

void Validation::choose_users() {
  const auto& rows = world_.data().rows;
  std::unordered_map<std::uint32_t, std::size_t> index;
  for (const auto& target : rows.split.targets()) {
    if (target.split != TargetSplit::kValid) continue;
    const auto& interaction = rows.data[target.interaction];
    const auto [at, is_new] = index.try_emplace(interaction.user, users_.size());
    if (is_new) users_.push_back({.user = interaction.user});
    users_[at->second].truth.push_back(interaction.item);
  }
  if (options_.valid_users > 0 && users_.size() > options_.valid_users) {
    Rng(options_.head.seed, "valid users").shuffle(users_);
    users_.resize(options_.valid_users);
  }
  for (auto& user : users_) {
    for (const auto i : rows.split.history(user.user, World::kValid)) user.seen.push_back(rows.data[i].item);
    sort_distinct(user.seen);
  }
}

void Validation::make_vectors() {
  const std::size_t d = world_.dimensions();
  const auto liked = world_.data().rows.liked(World::kValid);
  std::vector<User> kept;
  std::vector<float> profile(d);
  for (auto& user : users_) {
    if (!user_profile(world_.items(), liked.of(user.user), std::array{user.user}, world_.profile(), profile)) continue;
    profiles_.insert(profiles_.end(), profile.begin(), profile.end());
    kept.push_back(std::move(user));
  }
  users_ = std::move(kept);
  const std::size_t count = world_.data().personas.size();
  personas_.resize(count * d);
  has_vector_.resize(count);
  parallel_ranges(count, 64, options_.threads, [&](std::size_t begin, std::size_t end) {
    for (auto k = static_cast<std::uint32_t>(begin); k < end; ++k) {
      has_vector_[k] = world_.persona(options_.persona_vectors, k, std::span(personas_).subspan(k * d, d)) ? 1 : 0;
    }
  });
}

void Validation::read_candidates(const InputFile& lists) {
  const auto& data = world_.data().rows.data;
  std::unordered_map<std::uint32_t, std::size_t> index;
  for (std::size_t i = 0; i < users_.size(); ++i) index.emplace(users_[i].user, i);
  std::size_t with_truth = 0;
  const auto reader = open_candidate_lists(lists, {.max_bad_rows = options_.max_bad_rows});
  for (CandidateRow row; reader->next(row); row = {}) {
    const auto user = data.find_user(row.user_id);
    const auto at = user ? index.find(*user) : index.end();
    if (at == index.end()) continue;
    auto& list = users_[at->second];
    list.has_list = true;
    for (const auto& candidate : row.results) {
      if (const auto item = data.find_item(candidate.item_id)) list.candidates.push_back(*item);
    }
    const auto is_candidate = [&](auto item) {
      return std::ranges::find(list.candidates, item) != list.candidates.end();
    };
    with_truth += std::ranges::any_of(list.truth, is_candidate) ? 1 : 0;
  }
  if (with_truth > 0 || users_.empty()) return;
  refuse_unless_forced(options_.valid_candidates.string() +
                           " holds no user's valid target: every epoch would score 0 " +
                           "(lists of another world or data? run `persona4rec candidates --for valid`)",
                       options_.force);
}

std::vector<double> Validation::item_scores(std::span<const float> persona_scores) const {
  const auto& personas_of_item = world_.data().personas.personas_of_item;
  std::vector<double> scores(personas_of_item.size(), kNoValue);
  const PersonaScorer scorer(options_.alpha);
  const auto similarity_of = [&](std::uint32_t k) {
    return has_vector_[k] != 0 ? std::optional(persona_scores[k]) : std::nullopt;
  };
  for (std::size_t item = 0; item < scores.size(); ++item) {
    if (const auto match = scorer.match(personas_of_item[item], similarity_of)) scores[item] = match->score;
  }
  return scores;
}

namespace {

// Items by score, best first; ties and items without a score in the order given, the latter last.
std::vector<std::uint32_t> order_items(std::vector<std::uint32_t> items, const std::vector<double>& scores,
                                       std::size_t top) {
  std::erase_if(items, [&](auto item) { return std::isnan(scores[item]); });
  std::vector<std::pair<double, std::uint32_t>> keyed;
  keyed.reserve(items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) keyed.emplace_back(-scores[items[i]], i);
  const auto end = keyed.begin() + static_cast<std::ptrdiff_t>(std::min(top, keyed.size()));
  std::partial_sort(keyed.begin(), end, keyed.end());
  std::vector<std::uint32_t> order;
  for (auto at = keyed.begin(); at != end; ++at) order.push_back(items[at->second]);
  return order;
}

// 1-based rank of an item among all but those seen, of equal scores in the order of items.
std::uint32_t rank_of(std::uint32_t item, const std::vector<double>& scores, std::span<const std::uint32_t> seen) {
  const auto is_before = [&](std::size_t other) {
    return scores[other] > scores[item] || (scores[other] == scores[item] && other < item);
  };
  std::uint32_t before = 0;
  for (std::size_t other = 0; other < scores.size(); ++other) before += is_before(other) ? 1 : 0;
  for (const auto other : seen) before -= is_before(other) ? 1 : 0;
  return before + 1;
}

// As ranks_of() of all items in their order, but those seen (ascending).
std::vector<std::uint32_t> ranks_among_all(std::span<const std::uint32_t> truth, const std::vector<double>& scores,
                                           std::span<const std::uint32_t> seen) {
  std::vector<std::uint32_t> ranks;
  for (const auto item : truth) {
    if (std::isnan(scores[item]) || std::ranges::binary_search(seen, item)) continue;
    const auto rank = rank_of(item, scores, seen);
    if (rank <= kTop) ranks.push_back(rank);
  }
  sort_distinct(ranks);  // no two items share a rank
  return ranks;
}

}  // namespace

// What one user's list and all items say: 1-based ranks of the true items.
Validation::UserRanks Validation::ranks(const User& user, std::span<const float> persona_scores) const {
  const auto scores = item_scores(persona_scores);
  UserRanks found;
  if (user.has_list) found.in_list = ranks_of(order_items(user.candidates, scores, kTop), user.truth);
  found.everywhere = ranks_among_all(user.truth, scores, user.seen);
  return found;
}

ValidScores Validation::score(std::span<const float> user_map, std::span<const float> persona_map) const {
  const std::size_t d = world_.dimensions();
  const auto users = mapped(profiles_, d, user_map, options_.threads);
  const auto personas = mapped(personas_, d, persona_map, options_.threads);
  const std::size_t count = has_vector_.size();
  QualitySum in_lists;
  QualitySum everywhere;
  std::vector<UserRanks> found(kUsersAtOnce);
  for (std::size_t first = 0; first < users_.size() && count > 0; first += kUsersAtOnce) {
    const std::size_t size = std::min(kUsersAtOnce, users_.size() - first);
    const auto block =
        multiply_transposed(std::span(users).subspan(first * d, size * d), personas, d);  // [size, personas]
    parallel_ranges(size, kUsersPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        found[i] = ranks(users_[first + i], std::span(block).subspan(i * count, count));
      }
    });
    for (std::size_t i = 0; i < size; ++i) {
      const auto& user = users_[first + i];
      if (user.has_list) in_lists.add(found[i].in_list, user.truth.size());
      everywhere.add(found[i].everywhere, user.truth.size());
    }
  }
  return {.candidates = in_lists.mean(), .all_items = everywhere.mean()};
}

}  // namespace persona4rec
