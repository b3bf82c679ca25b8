#include "personas/affinity_counts.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <utility>

#include "base/bulk/sort_distinct.hpp"
#include "base/excerpt.hpp"
#include "records/affinities.hpp"

namespace persona4rec {
namespace {

constexpr std::uint32_t kNoTitle = UINT32_MAX;
constexpr std::size_t kMaxNameBytes = 100;

// Pairs {owner, value} as one list an owner, ascending and distinct.
void group(std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs, std::size_t owners,
           std::vector<std::uint64_t>& begin, std::vector<std::uint32_t>& values) {
  sort_distinct(pairs);
  begin.assign(owners + 1, 0);
  for (const auto& [owner, value] : pairs) ++begin[owner + 1];
  for (std::size_t i = 0; i < owners; ++i) begin[i + 1] += begin[i];
  values.clear();
  for (const auto& [owner, value] : pairs) values.push_back(value);
}

}  // namespace

AffinityCounts::AffinityCounts(const Interactions& data, const Split& split, const std::vector<std::string>& titles)
    : data_(data), title_of_item_(data.items().size(), kNoTitle) {
  std::map<std::string, std::vector<std::uint32_t>> items_of;
  for (std::uint32_t item = 0; item < title_of_item_.size(); ++item) {
    auto name = excerpt(titles[item], kMaxNameBytes);
    if (!name.empty()) items_of[std::move(name)].push_back(item);
  }
  for (auto& [name, items] : items_of) {
    for (const auto item : items) title_of_item_[item] = static_cast<std::uint32_t>(names_.size());
    names_.push_back(name);
    items_of_title_.push_back(std::move(items));
  }
  counts_.assign(names_.size(), 0);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> of_user;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> of_item;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (!split.item_side(i) || !split.positive(data, i)) continue;
    of_item.emplace_back(data[i].item, data[i].user);
    if (title_of_item_[data[i].item] != kNoTitle) of_user.emplace_back(data[i].user, title_of_item_[data[i].item]);
  }
  group(std::move(of_user), data.users().size(), user_begin_, titles_);
  liked_by_.assign(names_.size(), 0);
  for (const auto title : titles_) ++liked_by_[title];
  group(std::move(of_item), data.items().size(), item_begin_, likers_);
}

std::span<const std::uint32_t> AffinityCounts::likers(std::uint32_t item) const {
  return std::span(likers_).subspan(item_begin_[item], item_begin_[item + 1] - item_begin_[item]);
}

std::span<const std::uint32_t> AffinityCounts::titles_of(std::uint32_t user) const {
  return std::span(titles_).subspan(user_begin_[user], user_begin_[user + 1] - user_begin_[user]);
}

std::vector<AffinityCount> AffinityCounts::count(std::span<const std::uint32_t> users,
                                                 std::span<const std::uint32_t> about) {
  std::vector<std::uint32_t> titles;
  for (const auto user : users) {
    for (const auto title : titles_of(user)) {
      if (++counts_[title] == kAffinitySupporters) titles.push_back(title);
    }
  }
  for (const auto item : about) {
    if (item < title_of_item_.size() && title_of_item_[item] != kNoTitle) counts_[title_of_item_[item]] = 0;
  }
  std::erase_if(titles, [&](auto title) { return counts_[title] == 0; });
  std::ranges::sort(titles);
  std::vector<AffinityCount> counts;
  for (const auto title : that_may_be_named(titles)) {
    AffinityCount& count = counts.emplace_back();
    count = {.name = names_[title], .count = counts_[title], .liked_by = liked_by_[title], .items = {}};
    for (const auto item : items_of_title_[title]) count.items.push_back(data_.items()[item]);
  }
  for (const auto user : users) {
    for (const auto title : titles_of(user)) counts_[title] = 0;
  }
  return counts;
}

// Whoever is left out: a title's score is then at least `least`, when a user that counts is, and at most `most`, when
// another is. One whose most is below the least of kMaxAffinities others is never named.
std::vector<std::uint32_t> AffinityCounts::that_may_be_named(const std::vector<std::uint32_t>& titles) const {
  const auto score = [&](std::uint32_t title, std::uint64_t without) {
    const auto count = counts_[title] - without;
    const auto others = std::max<std::uint64_t>(liked_by_[title] - 1, 1);
    return count < kAffinitySupporters ? 0.0 : static_cast<double>(count) / std::sqrt(static_cast<double>(others));
  };
  std::vector<double> least;
  for (const auto title : titles) {
    const auto whole = static_cast<double>(counts_[title]) / std::sqrt(static_cast<double>(liked_by_[title]));
    least.push_back(std::min(score(title, 1), whole));
  }
  double bound = 0;
  if (least.size() >= kMaxAffinities) {
    std::ranges::nth_element(least, least.begin() + (kMaxAffinities - 1), std::greater());
    bound = least[kMaxAffinities - 1];
  }
  std::vector<std::uint32_t> kept;
  std::ranges::copy_if(titles, std::back_inserter(kept), [&](auto title) { return score(title, 0) >= bound; });
  return kept;
}

}  // namespace persona4rec
