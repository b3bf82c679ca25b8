#include "eval/summarize_group.hpp"

#include <span>
#include <utility>

#include "base/bulk/huge_pages.hpp"
#include "eval/metrics.hpp"
#include "eval/statistics/paired_tests.hpp"
#include "eval/undefined.hpp"

namespace persona4rec {
namespace {

std::span<const double> metric_row(const EvalFile& file, std::uint32_t user, std::size_t metrics) {
  return std::span(file.values).subspan(user * metrics, metrics);
}

void append_row(std::vector<double>& rows, std::span<const double> row) {
  rows.insert(rows.end(), row.begin(), row.end());
}

void compare(GroupResult& result, const EvalFile& file, const EvalFile& first, const EvalGroup& group,
             const SummaryOptions& options) {
  std::vector<double> here;
  std::vector<double> there;
  for (auto* values : {&here, &there}) reserve_huge(*values, group.users.size() * options.metrics);
  for (const auto user : group.users) {
    if (file.evaluated[user] == 0 || first.evaluated[user] == 0) continue;
    ++result.pairs;
    append_row(here, metric_row(file, user, options.metrics));
    append_row(there, metric_row(first, user, options.metrics));
  }
  const auto outcomes = distinct_outcomes(there, here, options.metrics);
  result.against_first =
      compare_paired(outcomes, options.bootstrap, options.tests ? &result.relative_resamples : nullptr);
  if (options.tests) result.tests = test_paired(outcomes, options.bootstrap);
}

}  // namespace

GroupResult summarize_group(const EvalFile& file, const EvalFile* first, const EvalGroup& group,
                            const SummaryOptions& options) {
  const std::size_t metrics = options.metrics;
  GroupResult result;
  std::vector<double> sums(metrics, 0.0);
  std::vector<std::uint32_t> ranks;
  for (const auto user : group.users) {
    if (file.evaluated[user] == 0) continue;
    ++result.users;
    const auto row = metric_row(file, user, metrics);
    for (std::size_t m = 0; m < metrics; ++m) sums[m] += row[m];
    if (file.first_rank[user] > 0) ranks.push_back(file.first_rank[user]);
  }
  for (auto& sum : sums) {
    sum = result.users > 0 ? sum / static_cast<double>(result.users) : kUndefined;
  }
  result.means = std::move(sums);
  result.found = ranks.size();
  result.median_rank = median(std::move(ranks));
  if (first != nullptr) compare(result, file, *first, group, options);
  return result;
}

}  // namespace persona4rec
