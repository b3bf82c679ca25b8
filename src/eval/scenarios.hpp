// Scenario slices: users and items by how often a review file names them, cut at the published percentiles
// (docs/method.md, 9.3 Scenarios).
//
// Counts are over the review file, for candidate users (every user with a list) and for the true items of candidate
// users; who is never named there is in no slice. With n ascending counts the upper threshold is
// sorted[max(0, int(.8 n) - 1)] and the lower sorted[min(n - 1, int(.2 n))], both inclusive. A user with several true
// items is a head (tail) user when any of them is a head (tail) item.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "eval/ground_truth.hpp"
#include "eval/list_metrics.hpp"
#include "io/input_file.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

struct ReviewFile {
  InputFile path = "";
  std::string user_field = "user_id";  // raw names; a row without them is read by the artifacts' own
  std::string item_field = "item_id";
  std::uint64_t max_bad_rows = 0;
};

// Who has a list: users with ground truth by index, others by id.
struct CandidateUsers {
  std::vector<std::uint8_t> known;           // [users] 0 or 1
  std::unordered_set<UserId> without_truth;  //
};

struct ReviewCounts {
  std::unordered_map<UserId, std::uint64_t> users;
  std::unordered_map<ItemId, std::uint64_t> items;
  std::string sha256;
};

// Rows with a "reviews" list count its items (3.5_history), others one item (raw reviews, 1_aspects).
// Throws Error kInput.
[[nodiscard]] ReviewCounts count_reviews(const ReviewFile& file, const CandidateUsers& users, const GroundTruth& truth);

// The reviews of every item, whoever has a list. Throws Error kInput.
[[nodiscard]] ItemPopularity count_items(const ReviewFile& file);

struct PercentileThresholds {
  std::uint64_t upper = 0;  // the most active 20 % have at least so many
  std::uint64_t lower = 0;  // the least active 20 % have at most so many
};
// Nothing for no counts.
[[nodiscard]] std::optional<PercentileThresholds> percentile_thresholds(std::vector<std::uint64_t> counts);

// "warm", "cold", "head", "tail", in this order.
[[nodiscard]] std::vector<EvalGroup> scenario_groups(const ReviewCounts& counts, const CandidateUsers& users,
                                                     const GroundTruth& truth);

}  // namespace persona4rec
