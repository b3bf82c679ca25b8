#include "eval/judge_file.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "eval/metrics.hpp"

namespace persona4rec {
namespace {

class FileJudge {
 public:
  explicit FileJudge(const JudgeOptions& options)
      : options_(options),
        truth_(options.truth),
        metrics_(options.metrics),
        pass_{.items = ItemCounts({options.list_metrics.begin(), options.list_metrics.end()})} {
    const std::size_t users = truth_.users().size();
    pass_.has_list.resize(users);
    pass_.file.evaluated.resize(users);
    pass_.file.first_rank.resize(users);
    pass_.file.values.resize(users * metrics_.size());
  }

  void take(const CandidateRow& list, const Place& place) {
    ++pass_.file.counts.lists;
    const auto user = truth_.find(list.user_id);
    const bool is_new =
        user ? std::exchange(pass_.has_list[*user], 1) == 0 : pass_.without_truth.insert(list.user_id).second;
    if (!is_new) {
      throw input_error(
          {place.file, place.line, "user_id"},
          "expected one list a user (lines of a TREC run together), got user \"" + list.user_id.text() + "\" again");
    }
    if (!user) {
      ++pass_.file.counts.without_truth;
    } else if (list.results.empty()) {
      ++pass_.file.counts.empty;
    } else {
      judge(list, *user);
    }
  }

  FilePass finish() {
    auto& file = pass_.file;
    file.counts.missing = static_cast<std::uint64_t>(std::ranges::count(file.evaluated, 0));
    if (options_.missing == MissingLists::kZero) std::ranges::fill(file.evaluated, std::uint8_t{1});
    return std::move(pass_);
  }

 private:
  void judge(const CandidateRow& list, std::uint32_t user) {
    const auto truth = truth_.items(user);
    const auto judgement = judge_list(list.results, truth);
    auto& file = pass_.file;
    file.counts.padding += judgement.padding;
    file.counts.repeated_items += judgement.repeated_items;
    file.evaluated[user] = 1;
    if (!judgement.ranks.empty()) file.first_rank[user] = judgement.ranks.front();
    for (std::size_t m = 0; m < metrics_.size(); ++m) {
      file.values[user * metrics_.size() + m] = value_of(metrics_[m], list.results, judgement, truth.size());
    }
    count_personas(list.results);
    if (!options_.list_metrics.empty()) pass_.items.add(list.results);
  }

  [[nodiscard]] double value_of(const Metric& metric, std::span<const Candidate> list, const ListJudgement& judgement,
                                std::size_t truths) const {
    if (metric.kind == MetricKind::kNovelty) return novelty_at(list, metric.k, *options_.popularity);
    if (metric.kind == MetricKind::kDisplacement) return displacement_at(list, metric.k);
    return metric_value(metric, judgement.ranks, truths);
  }

  void count_personas(std::span<const Candidate> list) {
    for (const auto& candidate : list) {
      if (!candidate.base_rank || candidate.is_pad()) continue;
      ++pass_.file.counts.ranked_items;
      pass_.file.counts.unknown_items += candidate.has_persona ? 0 : 1;
    }
  }

  const JudgeOptions& options_;
  const GroundTruth& truth_;
  std::span<const Metric> metrics_;
  FilePass pass_;
};

}  // namespace

FilePass judge_file(CandidateLists& lists, const JudgeOptions& options,
                    const std::function<void(const CandidateRow&)>& on_list) {
  FileJudge judge(options);
  for (CandidateRow list; lists.next(list);) {
    judge.take(list, lists.place());
    if (on_list) on_list(list);
  }
  FilePass pass = judge.finish();
  pass.file.counts.bad_rows = lists.bad_rows();
  pass.file.sha256 = lists.sha256();
  return pass;
}

}  // namespace persona4rec
