// Gates: conditions on an evaluation that a change must meet (docs/ci.md), and what became of them.
//
//   NDCG@10 >= .25                 a metric's mean; also <=
//   NDCG@10 in warm >= .3          of a group of users: all, warm, cold, head, tail
//   NDCG@10 drop <= 1%             against the baseline, relative, over the users of both (not: coverage, GINI)
//   users >= 5000                  users evaluated                                      [in GROUP]
//   found >= 90%                   share of them with a true item anywhere in the list  [in GROUP]
//   unknown share <= 5%            share of the listed items that no persona speaks for
//
// Numbers may end with %. A metric without @k is taken at 10 where 10 is among the ks, else at the largest of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "persona4rec/error.hpp"

namespace persona4rec {

// The metrics of eval, in the order of tables (docs/method.md, 9.1 Metrics): of one user's list, but for the last two.
enum class MetricKind : std::uint8_t {
  kHit,
  kMrr,
  kNdcg,
  kRecall,
  kPrecision,
  kMap,
  kNovelty,       // needs a review file
  kDisplacement,  // needs lists that say their base_rank (reranked.jsonl)
  kCoverage,      // these two are of a whole file, over everyone
  kGini,
};

struct Metric {
  MetricKind kind = MetricKind::kHit;
  std::size_t k = 10;
  friend bool operator==(const Metric&, const Metric&) = default;
};

[[nodiscard]] std::string to_string(const Metric& metric);  // "NDCG@10"

// Each user has a value, so two files can be compared in pairs; else it is of the file as a whole.
[[nodiscard]] bool is_per_user(MetricKind kind);

// Which metrics --metrics names: "recall,MAP@50"; a name without @k stands for each of `ks`. In the order of
// MetricKind, ascending k, each once. Throws Error kUsage, which lists the names there are.
[[nodiscard]] std::vector<Metric> parse_metrics(std::string_view text, const std::vector<std::size_t>& ks);

// A metric's name, whatever its case; false when there is none of it.
[[nodiscard]] bool find_metric(std::string_view name, MetricKind& kind);
[[nodiscard]] std::string metric_names();  // "HIT, MRR, .."

// NaN, NaN = not known.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

enum class GateSubject : std::uint8_t { kMetric, kUsers, kFound, kUnknownShare };
enum class GateRule : std::uint8_t { kAtLeast, kAtMost, kDrop };

struct Gate {
  std::string text;  // as written, without blanks at its ends
  GateSubject subject = GateSubject::kMetric;
  Metric metric;              // of kMetric
  std::string group = "all";  //
  GateRule rule = GateRule::kAtLeast;
  double bound = 0;  // 1% is .01; of a drop: >= 0, the largest loss that passes
};

// Throws Error kUsage with the position of what it cannot read and the names there are. `place`: where the text stands.
[[nodiscard]] Gate parse_gate(std::string_view text, const std::vector<std::size_t>& ks, const Place& place = {});

// Absolute gates go by the value alone. A drop of at most X fails when its interval ends below -X, passes when it
// begins above -X, else nothing is proven. Whatever cannot be measured (no user, no interval) is inconclusive too.
enum class GateVerdict : std::uint8_t { kPass, kFail, kInconclusive };
[[nodiscard]] std::string to_string(GateVerdict verdict);  // "PASS"

// NaN where it does not apply.
struct GateResult {
  Gate gate;
  GateVerdict verdict = GateVerdict::kInconclusive;
  double value = std::numeric_limits<double>::quiet_NaN();       // mean, count or share; of a drop: relative difference
  Interval interval;                                             // of the value; a drop's decides
  double confidence = std::numeric_limits<double>::quiet_NaN();  // of the interval; a drop's after Holm
  std::uint64_t users = 0;                                       // behind the value; of a drop: in both files
  double resolvable = std::numeric_limits<double>::quiet_NaN();  // of a drop: 2.8 standard errors, relative
  double p = std::numeric_limits<double>::quiet_NaN();           // of a drop: no difference at all, randomisation
  std::string reason;                                            // of what is inconclusive
};

struct EvalReport;

// One line a gate and one that counts them; aligned text, a table in Markdown (GitHub, GitLab), JUnit XML with a test
// case a gate (FAIL: failure; INCONCLUSIVE: skipped, with `strict` failure). Each ends with a newline.
[[nodiscard]] std::string gate_table(const EvalReport& report);
[[nodiscard]] std::string gate_markdown(const EvalReport& report);
[[nodiscard]] std::string gate_junit(const EvalReport& report, bool strict);

// How many gates a run must be ended for: those that failed, with `strict` the inconclusive too.
[[nodiscard]] std::size_t broken_gates(const EvalReport& report, bool strict);

}  // namespace persona4rec
