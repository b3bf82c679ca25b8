#include "llm/http/held_jobs.hpp"

#include <algorithm>
#include <utility>

namespace persona4rec {
namespace {

constexpr std::ptrdiff_t kMostRefused = 3;
constexpr std::ptrdiff_t kMostForbidden = 5;
constexpr std::ptrdiff_t kMostThought = 5;

}  // namespace

std::string HeldJobs::end_of_run(bool answered) const {
  const auto count = [this](HoldReason why) {
    return std::count_if(held_.begin(), held_.end(), [why](const Held& each) { return each.why == why; });
  };
  const std::string& last = held_.back().message;
  if (count(HoldReason::kForbidden) >= (answered ? kMostForbidden : 1)) return last;
  if (!answered && count(HoldReason::kRefused) >= kMostRefused) return last;
  if (count(HoldReason::kThought) >= kMostThought) return std::to_string(kMostThought) + " requests in a row: " + last;
  return {};
}

std::string HeldJobs::end_of_rest(bool answered) const {
  if (answered) return {};
  const auto found = std::find_if(held_.begin(), held_.end(), [](const Held& each) {
    return each.why == HoldReason::kRefused || each.why == HoldReason::kFailed;
  });
  return found == held_.end() ? std::string() : found->message;
}

std::vector<HeldJobs::Held> HeldJobs::take_all() {
  return std::exchange(held_, {});
}

}  // namespace persona4rec
