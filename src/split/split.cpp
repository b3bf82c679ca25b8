#include "persona4rec/split.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "base/hash.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::uint8_t kInValid = 1;
constexpr std::uint8_t kInTest = 2;

std::uint8_t bit_of(World world) {
  return world == World::kValid ? kInValid : kInTest;
}

}  // namespace

void Interactions::add(const UserId& user, const ItemId& item, const ReviewId& review, const Rating& rating,
                       const Timestamp& time) {
  const auto [user_at, new_user] = user_index_.try_emplace(user, static_cast<std::uint32_t>(users_.size()));
  if (new_user) users_.push_back(user);
  const auto [item_at, new_item] = item_index_.try_emplace(item, static_cast<std::uint32_t>(items_.size()));
  if (new_item) items_.push_back(item);
  rows_.push_back({user_at->second, item_at->second, rating.value, time.ms});
  const bool time_is_ms = time.text == std::to_string(time.ms);
  forms_.push_back({.integer_review = review.is_integer(),
                    .integer_rating = rating.is_integer,
                    .string_time = time.is_string,
                    .time_is_ms = time_is_ms});
  reviews_.add(review.text());
  times_.add(time_is_ms ? std::string_view() : time.text);
}

void Interactions::Texts::add(std::string_view text) {
  bytes_ += text;
  begin_.push_back(bytes_.size());
}

ReviewId Interactions::review(std::size_t i) const {
  return ReviewId(std::string(reviews_[i]), forms_[i].integer_review);
}

Timestamp Interactions::time(std::size_t i) const {
  const auto ms = rows_[i].time_ms;
  return {.ms = ms,
          .text = forms_[i].time_is_ms ? std::to_string(ms) : std::string(times_[i]),
          .is_string = forms_[i].string_time};
}

Rating Interactions::rating(std::size_t i) const {
  return {.value = rows_[i].rating, .is_integer = forms_[i].integer_rating};
}

std::optional<std::uint32_t> Interactions::find_user(const UserId& user) const {
  const auto it = user_index_.find(user);
  return it == user_index_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<std::uint32_t> Interactions::find_item(const ItemId& item) const {
  const auto it = item_index_.find(item);
  return it == item_index_.end() ? std::nullopt : std::optional(it->second);
}

std::span<const std::uint32_t> Split::order(std::uint32_t user) const {
  return std::span(order_).subspan(user_begin_[user], user_begin_[user + 1] - user_begin_[user]);
}

bool Split::in_history(std::size_t interaction, World world) const {
  return (worlds_[interaction] & bit_of(world)) != 0;
}

std::vector<std::uint32_t> Split::history(std::uint32_t user, World world) const {
  std::vector<std::uint32_t> out;
  for (const auto i : order(user)) {
    if (in_history(i, world)) out.push_back(i);
  }
  return out;
}

std::vector<std::uint32_t> Split::before(const Interactions& data, std::uint32_t interaction) const {
  const auto earlier = order(data[interaction].user).first(position_[interaction]);
  std::vector<std::uint32_t> out;
  std::ranges::copy_if(earlier, std::back_inserter(out),
                       [&](auto i) { return cold_.empty() || cold_[data[i].item] == ColdItem::kNo; });
  return out;
}

// Decides one policy. Everything below speaks of positions in a user's order.
class SplitBuilder {
 public:
  SplitBuilder(const Interactions& data, const SplitOptions& options) : data_(data) { split_.options_ = options; }

  Split build() {
    check_options();
    sort_users();
    split_.item_side_.assign(data_.size(), 1);
    split_.worlds_.assign(data_.size(), kInValid | kInTest);
    if (split_.options_.policy == SplitPolicy::kColdItems) strip_cold_items();
    for (std::uint32_t user = 0; user < data_.users().size(); ++user) decide_user(user);
    auto& counts = split_.counts_;
    counts.item_side = static_cast<std::uint64_t>(std::count(split_.item_side_.begin(), split_.item_side_.end(), 1));
    return std::move(split_);
  }

 private:
  void check_options() {
    auto& options = split_.options_;
    if (options.policy == SplitPolicy::kColdItems && !(options.cold_share > 0 && options.cold_share <= 0.5)) {
      throw usage_error("--cold-share: expected more than 0 and at most .5, for each world has its own share");
    }
    if (options.policy != SplitPolicy::kTemporal) return;
    if (options.cutoff_ms == 0) throw usage_error("--split temporal needs --cutoff");
    if (!options.valid_cutoff_ms) options.valid_cutoff_ms = default_valid_cutoff();
    if (*options.valid_cutoff_ms >= options.cutoff_ms) throw usage_error("--valid-cutoff must be before --cutoff");
  }

  // The 90 % quantile of the times before the cutoff.
  std::int64_t default_valid_cutoff() const {
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      if (data_[i].time_ms < split_.options_.cutoff_ms) times.push_back(data_[i].time_ms);
    }
    if (times.empty()) throw usage_error("--cutoff: no interaction is before it");
    std::sort(times.begin(), times.end());
    return times[times.size() * 9 / 10];
  }

  // Two disjoint draws by hash, so that neither depends on the order of the file. What was said of an item that is cold
  // in world valid is known in world test; the item side, which serves both, knows nothing of either.
  void strip_cold_items() {
    std::vector<std::pair<std::string, std::uint32_t>> drawn;
    drawn.reserve(data_.items().size());
    for (std::uint32_t item = 0; item < data_.items().size(); ++item) {
      drawn.emplace_back(sha256_hex(std::to_string(split_.options_.seed) + "|cold|" + data_.items()[item].text()),
                         item);
    }
    std::ranges::sort(drawn);
    const auto share = static_cast<std::size_t>(split_.options_.cold_share * static_cast<double>(drawn.size()));
    split_.cold_.assign(drawn.size(), ColdItem::kNo);
    for (std::size_t i = 0; i < 2 * share; ++i) {
      split_.cold_[drawn[i].second] = i < share ? ColdItem::kTest : ColdItem::kValid;
    }
    split_.counts_.cold_items = 2 * share;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      const auto cold = split_.cold_[data_[i].item];
      if (cold == ColdItem::kNo) continue;
      split_.item_side_[i] = 0;
      split_.worlds_[i] = cold == ColdItem::kTest ? 0 : kInTest;
      ++split_.counts_.stripped;
    }
  }

  void sort_users() {
    const std::size_t users = data_.users().size();
    auto& begin = split_.user_begin_;
    begin.assign(users + 1, 0);
    for (std::size_t i = 0; i < data_.size(); ++i) ++begin[data_[i].user + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    split_.order_.resize(data_.size());
    split_.position_.resize(data_.size());
    auto next = begin;
    for (std::uint32_t i = 0; i < data_.size(); ++i) split_.order_[next[data_[i].user]++] = i;
    for (std::uint32_t user = 0; user < users; ++user) sort_user(user);
  }

  void sort_user(std::uint32_t user) {
    const auto first = split_.order_.begin() + static_cast<std::ptrdiff_t>(split_.user_begin_[user]);
    const auto last = split_.order_.begin() + static_cast<std::ptrdiff_t>(split_.user_begin_[user + 1]);
    std::stable_sort(first, last, [&](auto a, auto b) { return data_[a].time_ms < data_[b].time_ms; });
    for (auto from = first; from != last;) {  // ties are rare or short: hash only inside them
      const auto to = std::find_if(from, last, [&](auto i) { return data_[i].time_ms != data_[*from].time_ms; });
      if (to - from > 1) sort_tie(from, to);
      from = to;
    }
    for (auto at = first; at != last; ++at) split_.position_[*at] = static_cast<std::uint32_t>(at - first);
  }

  void sort_tie(std::vector<std::uint32_t>::iterator from, std::vector<std::uint32_t>::iterator to) {
    std::vector<std::pair<std::string, std::uint32_t>> keyed;
    for (auto at = from; at != to; ++at) {
      keyed.emplace_back(sha256_hex(std::to_string(split_.options_.seed) + "|" + data_.users()[data_[*at].user].text() +
                                    "|" + data_.items()[data_[*at].item].text() + "|" + data_.time(*at).text + "|" +
                                    data_.review(*at).text()),
                         *at);
    }
    std::sort(keyed.begin(), keyed.end());
    std::transform(keyed.begin(), keyed.end(), from, [](const auto& pair) { return pair.second; });
  }

  void decide_user(std::uint32_t user) {
    const auto order = split_.order(user);
    switch (split_.options_.policy) {
      case SplitPolicy::kLeaveOneOut:
        return decide_leave_one_out(order);
      case SplitPolicy::kColdItems:
        return decide_cold_items(order);
      case SplitPolicy::kTemporal:
        return decide_temporal(order);
      case SplitPolicy::kReference:
        return decide_reference(order);
      case SplitPolicy::kNone:
        ++split_.counts_.train_only_users;
        return add_train_targets(eligible(order));
    }
  }

  // Positions of positives that may be targets: the user did not have the item before.
  std::vector<std::uint32_t> eligible(std::span<const std::uint32_t> order) {
    std::vector<std::uint32_t> out;
    std::unordered_set<std::uint32_t> had;
    for (const std::uint32_t row : order) {
      const bool is_new = had.insert(data_[row].item).second;
      if (!split_.positive(data_, row)) continue;
      if (is_new) {
        out.push_back(row);
      } else {
        ++split_.counts_.repeated_positives;
      }
    }
    return out;
  }

  void decide_leave_one_out(std::span<const std::uint32_t> order) {
    auto positives = eligible(order);
    const auto& options = split_.options_;
    const bool evaluated = positives.size() >= std::max<std::size_t>(options.min_positives, 2) &&
                           split_.position_[positives.back()] >= options.min_history &&
                           split_.position_[positives[positives.size() - 2]] >= 1;
    if (!evaluated) {
      ++split_.counts_.train_only_users;
      return add_train_targets(positives);
    }
    ++split_.counts_.evaluated_users;
    const auto test = positives.back();
    const auto valid = positives[positives.size() - 2];
    hide_from(order, split_.position_[valid], kInValid);
    hide_from(order, split_.position_[test], kInTest);
    positives.resize(positives.size() - 2);
    add_train_targets(positives);
    add_target(valid, TargetSplit::kValid);
    add_target(test, TargetSplit::kTest);
  }

  // The targets of leave-one-out that are cold in their world.
  void decide_cold_items(std::span<const std::uint32_t> order) {
    auto positives = eligible(order);
    const auto& options = split_.options_;
    const auto cold = [&](std::uint32_t row) { return split_.cold_[data_[row].item]; };
    std::vector<Target> held_out;
    if (positives.size() >= std::max<std::size_t>(options.min_positives, 2) &&
        split_.position_[positives.back()] >= options.min_history) {
      const auto valid = positives[positives.size() - 2];
      const auto test = positives.back();
      if (cold(valid) == ColdItem::kValid) held_out.push_back({valid, TargetSplit::kValid});
      if (cold(test) == ColdItem::kTest) held_out.push_back({test, TargetSplit::kTest});
    }
    for (const auto& [row, split] : held_out) {
      hide_from(order, split_.position_[row], kInValid);
      if (split == TargetSplit::kTest) hide_from(order, split_.position_[row], kInTest);
    }
    std::erase_if(positives, [&](auto row) { return split_.item_side_[row] == 0; });
    add_train_targets(positives);
    const auto known = [&](std::uint8_t world) {
      return static_cast<std::size_t>(std::ranges::count_if(order, [&](auto i) { return split_.worlds_[i] & world; }));
    };
    if (held_out.empty()) {
      ++split_.counts_.train_only_users;
    } else {
      add_held_out(held_out, known(kInValid), known(kInTest));
    }
  }

  // From position `from` on, the interactions leave a world's history; the valid world's limit is the item side's.
  void hide_from(std::span<const std::uint32_t> order, std::size_t from, std::uint8_t world) {
    for (std::size_t p = from; p < order.size(); ++p) {
      split_.worlds_[order[p]] &= static_cast<std::uint8_t>(~world);
      if (world == kInValid) split_.item_side_[order[p]] = 0;
    }
  }

  void decide_temporal(std::span<const std::uint32_t> order) {
    const auto& options = split_.options_;
    const auto first_at = [&](std::int64_t time) {
      return static_cast<std::size_t>(
          std::find_if(order.begin(), order.end(), [&](auto i) { return data_[i].time_ms >= time; }) - order.begin());
    };
    const std::size_t valid_from = first_at(options.valid_cutoff_ms.value_or(options.cutoff_ms));
    const std::size_t test_from = first_at(options.cutoff_ms);
    hide_from(order, valid_from, kInValid);
    hide_from(order, test_from, kInTest);
    std::vector<std::uint32_t> train;
    std::vector<Target> held_out;
    for (const auto i : eligible(order)) {
      const std::size_t p = split_.position_[i];
      if (p < valid_from) {
        train.push_back(i);
      } else {
        held_out.push_back({i, p < test_from ? TargetSplit::kValid : TargetSplit::kTest});
      }
    }
    add_train_targets(train);
    add_held_out(held_out, valid_from, test_from);
  }

  // Targets of users whose world's history is empty are counted, not written.
  void add_held_out(const std::vector<Target>& held_out, std::size_t valid_history, std::size_t test_history) {
    bool without_history = false;
    bool evaluated = false;
    for (const auto& target : held_out) {
      const bool has_history = (target.split == TargetSplit::kValid ? valid_history : test_history) > 0;
      if (has_history) add_target(target.interaction, target.split);
      (has_history ? evaluated : without_history) = true;
    }
    split_.counts_.users_without_history += without_history ? 1 : 0;
    ++(evaluated ? split_.counts_.evaluated_users : split_.counts_.train_only_users);
  }

  // The published protocol, leaks included: the last positive by time is the target; the history loses that item alone.
  void decide_reference(std::span<const std::uint32_t> order) {
    const auto last = std::find_if(order.rbegin(), order.rend(), [&](auto i) { return split_.positive(data_, i); });
    if (last == order.rend()) {
      ++split_.counts_.train_only_users;
      return;
    }
    for (const auto i : order) {
      if (data_[i].item == data_[*last].item) split_.worlds_[i] = 0;
    }
    ++split_.counts_.evaluated_users;
    add_target(*last, TargetSplit::kReference);
  }

  // A target without any earlier interaction has no history to learn from.
  void add_train_targets(const std::vector<std::uint32_t>& positives) {
    std::vector<std::uint32_t> usable;
    std::copy_if(positives.begin(), positives.end(), std::back_inserter(usable),
                 [&](auto i) { return split_.position_[i] > 0; });
    const std::size_t limit = split_.options_.targets_per_user;
    const std::size_t skip = limit > 0 && usable.size() > limit ? usable.size() - limit : 0;
    for (std::size_t i = skip; i < usable.size(); ++i) add_target(usable[i], TargetSplit::kTrain);
  }

  void add_target(std::uint32_t interaction, TargetSplit split) {
    split_.targets_.push_back({interaction, split});
    auto& counts = split_.counts_;
    counts.train_targets += split == TargetSplit::kTrain ? 1 : 0;
    counts.valid_targets += split == TargetSplit::kValid ? 1 : 0;
    counts.test_targets += split == TargetSplit::kTest || split == TargetSplit::kReference ? 1 : 0;
  }

  const Interactions& data_;
  Split split_;
};

Split decide_split(const Interactions& data, const SplitOptions& options) {
  return SplitBuilder(data, options).build();
}

}  // namespace persona4rec
