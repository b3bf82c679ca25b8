#include "prepare/history_rows.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/bulk/ordered_units.hpp"
#include "base/stop.hpp"
#include "records/row_append.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kReviewBytesTogether = std::uint64_t{1} << 16U;
constexpr std::size_t kTargetsTogether = 512;

struct UserRange {
  std::uint32_t begin = 0;
  HistoryRows rows;
};

struct TargetRange {
  std::size_t begin = 0, end = 0;
  TargetRows rows;
};

// Makes the rows of users, in one thread.
class HistoryRowMaker {
 public:
  HistoryRowMaker(const SplitData& of, const HistoryReviews& reviews, const std::vector<std::uint8_t>& has_target)
      : of_(of), has_target_(has_target), reader_(reviews, of.data) {}

  void make(UserRange& unit) {
    unit.rows.loo_rows = 0;
    for (auto user = unit.begin; user < unit.rows.end; ++user) add_user(user, unit.rows);
  }

 private:
  // The published code drops an empty history, too (docs/method.md, 2.5 Reference).
  void add_user(std::uint32_t user, HistoryRows& rows) {
    const std::size_t loo_begin = rows.loo.size();
    begin_row(user, rows.history);
    if (has_target_[user] != 0) begin_row(user, rows.loo);
    bool first = true;
    bool first_of_loo = true;
    for (const auto interaction : of_.split.order(user)) {
      const auto json = reader_.json(interaction);
      add_review(json, first, rows.history);
      if (has_target_[user] != 0 && of_.split.in_history(interaction, World::kTest)) {
        add_review(json, first_of_loo, rows.loo);
      }
    }
    rows.history += "]}\n";
    if (first_of_loo) {
      rows.loo.resize(loo_begin);
    } else {
      rows.loo += "]}\n";
      ++rows.loo_rows;
    }
  }

  void begin_row(std::uint32_t user, std::string& text) const {
    append_field(text, R"({"user_id":)", of_.data.users()[user]);
    text += R"(,"reviews":[)";
  }

  static void add_review(std::string_view json, bool& first, std::string& text) {
    if (!first) text += ',';
    first = false;
    text += json;
  }

  const SplitData& of_;
  const std::vector<std::uint8_t>& has_target_;
  HistoryReviewReader reader_;
};

std::vector<std::uint8_t> users_tested(const SplitData& of) {
  std::vector<std::uint8_t> has_target(of.data.users().size(), 0);
  for (const auto& target : of.split.targets()) {
    if (is_tested(target.split)) has_target[of.data[target.interaction].user] = 1;
  }
  return has_target;
}

void add_target(const Interactions& data, const Target& target, TargetRows& rows) {
  const auto i = target.interaction;
  const TargetRow row{.user_id = data.users()[data[i].user],
                      .item_id = data.items()[data[i].item],
                      .review_id = data.review(i),
                      .timestamp = data.time(i),
                      .split = target.split};
  append_json(rows.targets, row);
  rows.targets += '\n';
  if (!is_tested(target.split)) return;
  append_json(rows.ground_truth, GroundTruthRow{row.user_id, row.item_id});
  rows.ground_truth += '\n';
}

}  // namespace

void make_history_rows(const SplitData& of, const HistoryReviews& reviews, std::size_t threads,
                       const std::function<void(const HistoryRows&)>& give) {
  const auto has_target = users_tested(of);
  const auto users = static_cast<std::uint32_t>(of.data.users().size());
  std::uint32_t next = 0;
  OrderedUnits<UserRange>({.take =
                               [&](UserRange& unit) {
                                 throw_if_stopped();
                                 unit.begin = next;
                                 for (std::uint64_t bytes = 0; next < users && bytes < kReviewBytesTogether; ++next) {
                                   for (const auto interaction : of.split.order(next))
                                     bytes += reviews.byte_count(interaction);
                                 }
                                 unit.rows.end = next;
                                 return unit.begin < next;
                               },
                           .make_worker =
                               [&] {
                                 return [maker = std::make_shared<HistoryRowMaker>(of, reviews, has_target)](
                                            UserRange& unit) { maker->make(unit); };
                               },
                           .give =
                               [&](UserRange& unit) {
                                 const auto rows =
                                     std::move(unit.rows);  // whose memory goes: one user may have much to say
                                 give(rows);
                               },
                           .idle = {},
                           .would_wait = {},
                           .give_up = {}},
                          threads)
      .run();
}

void make_target_rows(const SplitData& of, std::size_t threads, const std::function<void(const TargetRows&)>& give) {
  const auto& targets = of.split.targets();
  std::size_t next = 0;
  OrderedUnits<TargetRange>({.take =
                                 [&](TargetRange& unit) {
                                   throw_if_stopped();
                                   unit.begin = next;
                                   next = unit.end = std::min(targets.size(), next + kTargetsTogether);
                                   return unit.begin < unit.end;
                                 },
                             .make_worker =
                                 [&] {
                                   return [&](TargetRange& unit) {
                                     unit.rows.targets.clear();
                                     unit.rows.ground_truth.clear();
                                     for (auto i = unit.begin; i < unit.end; ++i) {
                                       add_target(of.data, targets[i], unit.rows);
                                     }
                                   };
                                 },
                             .give = [&](TargetRange& unit) { give(unit.rows); },
                             .idle = {},
                             .would_wait = {},
                             .give_up = {}},
                            threads)
      .run();
}

}  // namespace persona4rec
