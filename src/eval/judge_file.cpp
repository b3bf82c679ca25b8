#include "eval/judge_file.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/bulk/huge_pages.hpp"
#include "base/bulk/ordered_units.hpp"
#include "eval/metrics.hpp"
#include "io/lists/list_blocks.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kListsPerUpdate = 1024;
constexpr std::uint32_t kStranger = UINT32_MAX;  // a user without ground truth

// What is kept of a list, or of a row that cannot be used.
struct JudgedList {
  std::uint64_t line = 0;
  std::uint32_t user = kStranger;
  std::uint32_t first_rank = 0;
  bool is_empty = false;
  UserId stranger;           // without ground truth
  std::exception_ptr error;  // of a row that cannot be used
};

// Lists that were judged, in the order of the file.
struct JudgedRows {
  std::vector<JudgedList> lists;
  std::vector<double> values;  // [lists, metrics]; 0 for those that were not judged
  EvalFileCounts counts;       // of those alone that a single list's judgement decides

  void clear() {
    lists.clear();
    values.clear();
    counts = {};
  }
};

// Judges lists as they come; one thread's.
class ListsJudge {
 public:
  explicit ListsJudge(const JudgeOptions& options)
      : options_(options),
        values_(options.metrics),
        items_({options.list_metrics.begin(), options.list_metrics.end()}),
        of_items_(std::ranges::any_of(options.metrics, is_of_items)) {}

  void add(const PlainList& list, std::uint64_t line, JudgedRows& into) {
    const auto user = find(list.user);
    JudgedList& judged = into.lists.emplace_back();
    judged.line = line;
    judged.is_empty = list.items.empty();
    into.values.resize(into.values.size() + options_.metrics.size());
    if (!user) {
      judged.stranger = UserId(std::string(list.user), list.user_is_integer);
      return;
    }
    judged.user = *user;
    if (!judged.is_empty) judge(list.items, judged, into);
  }

  static void refuse(std::exception_ptr error, JudgedRows& into, std::size_t metrics) {
    into.lists.emplace_back().error = std::move(error);
    into.values.resize(into.values.size() + metrics);
  }

  [[nodiscard]] const ItemCounts& items() const { return items_; }

 private:
  // Files tend to have users in the ground truth's order.
  std::optional<std::uint32_t> find(std::string_view user) {
    const auto& users = options_.truth.users();
    const std::size_t next = std::size_t{found_} + 1;
    const auto found = next < users.size() && users[next].text() == user
                           ? std::optional(static_cast<std::uint32_t>(next))
                           : options_.truth.find(user);
    found_ = found.value_or(found_);
    return found;
  }

  void judge(std::span<const PlainItem> list, JudgedList& judged, JudgedRows& into) {
    const auto truth = options_.truth.items(judged.user);
    const auto& judgement = judge_.judge(list, truth);
    into.counts.padding += judgement.padding;
    into.counts.repeated_items += judgement.repeated_items;
    if (!judgement.ranks.empty()) judged.first_rank = judgement.ranks.front();
    const auto values = std::span(into.values).last(options_.metrics.size());
    std::ranges::copy(values_.of(judgement.ranks, truth.size()), values.begin());
    if (of_items_) measure_items(list, values);
    if (options_.base_ranks) count_personas(list, into.counts);
    if (!options_.list_metrics.empty()) items_.add(list);
  }

  static bool is_of_items(const Metric& metric) {
    return metric.kind == MetricKind::kNovelty || metric.kind == MetricKind::kDisplacement;
  }

  // The metrics that all items of a list decide.
  void measure_items(std::span<const PlainItem> list, std::span<double> values) const {
    for (std::size_t m = 0; m < values.size(); ++m) {
      const auto& metric = options_.metrics[m];
      if (metric.kind == MetricKind::kNovelty) values[m] = novelty_at(list, metric.k, *options_.popularity);
      if (metric.kind == MetricKind::kDisplacement) values[m] = displacement_at(list, metric.k);
    }
  }

  static void count_personas(std::span<const PlainItem> list, EvalFileCounts& counts) {
    for (const auto& item : list) {
      if (!item.base_rank || item.is_pad()) continue;
      ++counts.ranked_items;
      counts.unknown_items += item.has_persona ? 0 : 1;
    }
  }

  const JudgeOptions& options_;
  ListJudge judge_;
  MetricValues values_;
  ItemCounts items_;
  bool of_items_;
  std::uint32_t found_ = 0;  // the user found last
};

// Puts judged lists together, in the order of the file.
class FileJudgement {
 public:
  FileJudgement(std::string file, const JudgeOptions& options)
      : options_(options),
        place_{.file = std::move(file)},
        metrics_(options.metrics.size()),
        pass_{.items = ItemCounts({options.list_metrics.begin(), options.list_metrics.end()})} {
    const std::size_t users = options.truth.users().size();
    pass_.has_list.resize(users);
    pass_.file.evaluated.resize(users);
    pass_.file.first_rank.resize(users);
    reserve_huge(pass_.file.values, users * metrics_);
    pass_.file.values.resize(users * metrics_);
  }

  void add(JudgedRows& judged) {
    for (std::size_t i = 0; i < judged.lists.size(); ++i) {
      if (judged.lists[i].error) {
        if (pass_.file.counts.bad_rows >= options_.max_bad_rows) std::rethrow_exception(judged.lists[i].error);
        ++pass_.file.counts.bad_rows;
      } else {
        add(judged.lists[i], std::span(judged.values).subspan(i * metrics_, metrics_));
      }
    }
    auto& counts = pass_.file.counts;
    counts.padding += judged.counts.padding;
    counts.repeated_items += judged.counts.repeated_items;
    counts.ranked_items += judged.counts.ranked_items;
    counts.unknown_items += judged.counts.unknown_items;
  }

  FilePass finish() {
    auto& file = pass_.file;
    if (file.counts.lists + file.counts.bad_rows == 0) throw empty_file_error(place_);
    file.counts.missing = static_cast<std::uint64_t>(std::ranges::count(file.evaluated, 0));
    if (options_.missing == MissingLists::kZero) std::ranges::fill(file.evaluated, std::uint8_t{1});
    return std::move(pass_);
  }

  [[nodiscard]] ItemCounts& items() { return pass_.items; }

 private:
  void add(JudgedList& list, std::span<const double> values) {
    auto& file = pass_.file;
    const bool is_known = list.user != kStranger;
    if (is_known ? std::exchange(pass_.has_list[list.user], 1) != 0
                 : !pass_.without_truth.insert(list.stranger).second) {
      throw again_error(list);
    }
    if (!is_known) {
      ++file.counts.without_truth;
    } else if (list.is_empty) {
      ++file.counts.empty;
    } else {
      file.evaluated[list.user] = 1;
      file.first_rank[list.user] = list.first_rank;
      std::ranges::copy(values, file.values.begin() + static_cast<std::ptrdiff_t>(list.user * metrics_));
    }
    if (++file.counts.lists % kListsPerUpdate == 0 && options_.progress) options_.progress(file.counts.lists);
  }

  [[nodiscard]] Error again_error(const JudgedList& list) const {
    const auto user = list.user == kStranger ? list.stranger : options_.truth.users()[list.user].as<UserId>();
    return input_error(
        {place_.file, list.line, "user_id"},
        "expected one list a user (lines of a TREC run together), got user \"" + user.text() + "\" again");
  }

  const JudgeOptions& options_;
  Place place_;
  std::size_t metrics_;
  FilePass pass_;
};

// The lists of a file that other threads cannot share, or that somebody sees one by one.
FilePass judge_one_by_one(CandidateLists& lists, const JudgeOptions& options) {
  ListsJudge judge(options);
  FileJudgement judgement(lists.place().file, options);
  JudgedRows judged;
  PlainList view;
  for (CandidateRow list; lists.next(list);) {
    view_list(list, view);
    judged.clear();
    judge.add(view, lists.place().line, judged);
    judgement.add(judged);
    if (options.on_list) options.on_list(list);
  }
  judgement.items().add(judge.items());
  FilePass pass = judgement.finish();
  pass.file.counts.bad_rows = lists.bad_rows();
  pass.file.sha256 = lists.sha256();
  return pass;
}

struct JudgedBlock {
  LineBlock block;
  JudgedRows judged;
};

// A thread's part of a shared file.
class BlockJudge {
 public:
  BlockJudge(const std::string& file, const JudgeOptions& options)
      : options_(options), judge_(options), reader_(file, {.base_ranks = options.base_ranks}) {}

  void judge(JudgedBlock& unit) {
    unit.judged.clear();
    std::uint64_t bad_rows = 0;
    reader_.read(unit.block,
                 {.take = [&](const PlainList& list, std::uint64_t line) { judge_.add(list, line, unit.judged); },
                  .refuse =
                      [&](const Error& error) {
                        ListsJudge::refuse(std::make_exception_ptr(error), unit.judged, options_.metrics.size());
                        return ++bad_rows <= options_.max_bad_rows;
                      }});
  }

  [[nodiscard]] const ItemCounts& items() const { return judge_.items(); }

 private:
  const JudgeOptions& options_;
  ListsJudge judge_;
  ListBlockReader reader_;
};

FilePass judge_shared(LineSource& lines, const JudgeOptions& options) {
  FileJudgement judgement(lines.name(), options);
  std::mutex mutex;  // guards judges
  std::vector<std::shared_ptr<BlockJudge>> judges;
  OrderedUnits<JudgedBlock>({.take = [&](JudgedBlock& unit) { return lines.next_block(unit.block); },
                             .make_worker =
                                 [&] {
                                   const auto judge = std::make_shared<BlockJudge>(lines.name(), options);
                                   const std::lock_guard lock(mutex);
                                   judges.push_back(judge);
                                   return [judge](JudgedBlock& unit) { judge->judge(unit); };
                                 },
                             .give =
                                 [&](JudgedBlock& unit) {
                                   judgement.add(unit.judged);
                                   if (options.hash) lines.hash(unit.block);
                                 },
                             .idle = {},
                             .would_wait = {},
                             .give_up = [&] { lines.stop(); }},
                            options.threads)
      .run();
  for (const auto& judge : judges) judgement.items().add(judge->items());
  FilePass pass = judgement.finish();
  if (options.hash) pass.file.sha256 = lines.sha256();
  return pass;
}

}  // namespace

FilePass judge_file(CandidateLists& lists, const JudgeOptions& options) {
  LineSource* lines = options.on_list ? nullptr : lists.lines();
  return lines != nullptr ? judge_shared(*lines, options) : judge_one_by_one(lists, options);
}

}  // namespace persona4rec
