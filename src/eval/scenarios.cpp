#include "eval/scenarios.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "io/jsonl_reader.hpp"
#include "io/rows/raw_rows.hpp"

namespace persona4rec {
namespace {

// Counters for exactly those who matter, so that memory does not grow with the review file.
ReviewCounts zero_counts(const CandidateUsers& users, const GroundTruth& truth) {
  ReviewCounts counts;
  for (const auto& user : users.without_truth) counts.users.emplace(user, 0);
  for (std::uint32_t user = 0; user < truth.users().size(); ++user) {
    if (users.known[user] == 0) continue;
    counts.users.emplace(truth.users()[user].as<UserId>(), 0);
    for (const auto& item : truth.items(user)) counts.items.emplace(item.as<ItemId>(), 0);
  }
  return counts;
}

template <class IdType>
void bump(std::unordered_map<IdType, std::uint64_t>& counts, const IdType& id) {
  if (const auto it = counts.find(id); it != counts.end()) ++it->second;
}

// Calls take(user, item) for each review of a row.
template <class Take>
void for_each_review(const RowView& view, const ReviewFile& file, const Take& take) {
  const auto user = view.id<UserId>(view.has(file.user_field) ? file.user_field : "user_id");
  if (!view.has("reviews")) {
    take(user, view.id<ItemId>(view.has(file.item_field) ? file.item_field : "item_id"));
    return;
  }
  std::vector<ItemId> items;  // first read the whole row: a bad one counts nothing
  for (const auto element : view.array("reviews")) {
    items.push_back(view.element("reviews", items.size(), element).id<ItemId>("item_id"));
  }
  for (const auto& item : items) take(user, item);
}

template <class IdType>
std::optional<PercentileThresholds> thresholds_of(const std::unordered_map<IdType, std::uint64_t>& counts) {
  std::vector<std::uint64_t> values;
  for (const auto& [id, count] : counts) {
    if (count > 0) values.push_back(count);
  }
  return percentile_thresholds(std::move(values));
}

using CountTest = std::function<bool(std::uint64_t count)>;
// Whether a user's own count, or the count of one of its true items, passes.
using UserTest = std::function<bool(std::uint32_t user, const CountTest& test)>;

enum class Side : std::uint8_t { kUpper, kLower };

EvalGroup slice(std::string name, const std::optional<PercentileThresholds>& cut, Side side,
                const CandidateUsers& users, const UserTest& passes) {
  EvalGroup group{.name = std::move(name), .count = std::nullopt, .users = {}};
  if (!cut) return group;
  const bool upper = side == Side::kUpper;
  const std::uint64_t threshold = upper ? cut->upper : cut->lower;
  const auto test = [=](std::uint64_t count) { return count > 0 && (upper ? count >= threshold : count <= threshold); };
  group.count = threshold;
  for (std::uint32_t user = 0; user < users.known.size(); ++user) {
    if (users.known[user] != 0 && passes(user, test)) group.users.push_back(user);
  }
  return group;
}

}  // namespace

ReviewCounts count_reviews(const ReviewFile& file, const CandidateUsers& users, const GroundTruth& truth) {
  ReviewCounts counts = zero_counts(users, truth);
  JsonlReader reader(open_raw_rows(LineSource(file.path), {}), {.max_bad_rows = file.max_bad_rows});
  const auto take = [&](const UserId& user, const ItemId& item) {
    bump(counts.users, user);
    bump(counts.items, item);
  };
  while (reader.next([&](const RowView& view) { for_each_review(view, file, take); })) {
  }
  counts.sha256 = reader.sha256();
  return counts;
}

ItemPopularity count_items(const ReviewFile& file) {
  ItemPopularity popularity;
  std::unordered_set<std::string> users;
  JsonlReader reader(file.path, {.max_bad_rows = file.max_bad_rows});
  const auto take = [&](const UserId& user, const ItemId& item) {
    users.insert(user.text());
    ++popularity.reviews[item.text()];
  };
  while (reader.next([&](const RowView& view) { for_each_review(view, file, take); })) {
  }
  popularity.users = users.size();
  return popularity;
}

std::optional<PercentileThresholds> percentile_thresholds(std::vector<std::uint64_t> counts) {
  if (counts.empty()) return std::nullopt;
  std::ranges::sort(counts);
  const auto n = static_cast<double>(counts.size());
  const auto head = static_cast<std::size_t>(n * 0.8);
  const auto tail = static_cast<std::size_t>(n * 0.2);
  return PercentileThresholds{.upper = counts[head > 0 ? head - 1 : 0],
                              .lower = counts[std::min(counts.size() - 1, tail)]};
}

std::vector<EvalGroup> scenario_groups(const ReviewCounts& counts, const CandidateUsers& users,
                                       const GroundTruth& truth) {
  const auto by_user = thresholds_of(counts.users);
  const auto by_item = thresholds_of(counts.items);
  const auto user_passes = [&](std::uint32_t user, const CountTest& test) {
    return test(counts.users.at(truth.users()[user].as<UserId>()));
  };
  const auto any_item_passes = [&](std::uint32_t user, const CountTest& test) {
    return std::ranges::any_of(truth.items(user),
                               [&](const IdText& item) { return test(counts.items.at(item.as<ItemId>())); });
  };
  return {slice("warm", by_user, Side::kUpper, users, user_passes),
          slice("cold", by_user, Side::kLower, users, user_passes),
          slice("head", by_item, Side::kUpper, users, any_item_passes),
          slice("tail", by_item, Side::kLower, users, any_item_passes)};
}

}  // namespace persona4rec
