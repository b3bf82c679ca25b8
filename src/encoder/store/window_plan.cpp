#include "encoder/store/window_plan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "encoder/store/text_windows.hpp"

namespace persona4rec {
namespace {

// A plan and the end of its windows.
using PlanTo = std::pair<WindowPlan, std::size_t>;

class PlanFinder {
 public:
  PlanFinder(std::span<const std::vector<WindowMember>> windows, std::span<const std::size_t> first_rows)
      : windows_(windows), first_rows_(first_rows) {
    for (const auto& window : windows) {
      for (const auto& member : window) ++stored_[member.plan];
    }
    stored_.erase(kNoPlan);
  }

  [[nodiscard]] std::vector<WindowPlan> run() const {
    std::vector<WindowPlan> plans;
    for (std::size_t begin = 0; begin < windows_.size();) {
      auto found = begun_at(begin);
      if (!found && lacking(begin) > 0) found = new_from(begin);
      begin = found ? found->second : begin + 1;
      if (found && !found->first.is_whole()) plans.push_back(std::move(found->first));
    }
    return plans;
  }

 private:
  [[nodiscard]] std::size_t lacking(std::size_t window) const {
    return static_cast<std::size_t>(std::ranges::count(windows_[window], kNoPlan, &WindowMember::plan));
  }

  // Those of the window that lack, or are stored with the plan's number.
  void add(std::size_t window, std::uint64_t number, WindowPlan& plan) const {
    for (const auto& member : windows_[window]) {
      if (member.plan != kNoPlan && member.plan != number) continue;
      plan.distinct.push_back(member.distinct);
      plan.rows.push_back(first_rows_[member.distinct]);
      plan.keys.push_back(member.key);
      plan.known.push_back(member.plan == kNoPlan ? 0 : 1);
    }
  }

  // The plan that was begun and starts with this window: its texts are all that are stored with its number and those
  // that lack, up to some window.
  [[nodiscard]] std::optional<PlanTo> begun_at(std::size_t begin) const {
    for (const auto& [number, stored] : stored_) {
      WindowPlan plan;
      for (std::size_t end = begin; end < windows_.size() && plan.keys.size() <= kWindowTexts; ++end) {
        add(end, number, plan);
        if (std::ranges::count(plan.known, std::uint8_t{1}) != stored) continue;
        plan.number = plan_number(plan.keys);
        if (plan.number == number) return PlanTo{std::move(plan), end + 1};
      }
    }
    return std::nullopt;
  }

  // All that lack, of as many windows as a plan has room for and nobody has begun.
  [[nodiscard]] PlanTo new_from(std::size_t begin) const {
    WindowPlan plan;
    std::size_t end = begin;
    do {
      add(end, kNoPlan, plan);
      ++end;
    } while (end < windows_.size() && plan.keys.size() + lacking(end) <= kWindowTexts && !begun_at(end));
    plan.number = plan_number(plan.keys);
    return {std::move(plan), end};
  }

  std::span<const std::vector<WindowMember>> windows_;
  std::span<const std::size_t> first_rows_;
  std::map<std::uint64_t, std::ptrdiff_t> stored_;  // how many texts are stored with a plan's number
};

}  // namespace

bool WindowPlan::is_whole() const {
  return std::ranges::find(known, std::uint8_t{0}) == known.end();
}

std::vector<WindowPlan> make_plans(std::span<const std::vector<WindowMember>> windows,
                                   std::span<const std::size_t> first_rows) {
  const auto lacks = [](const std::vector<WindowMember>& window) {
    return std::ranges::find(window, kNoPlan, &WindowMember::plan) != window.end();
  };
  if (std::ranges::none_of(windows, lacks)) return {};
  return PlanFinder(windows, first_rows).run();
}

}  // namespace persona4rec
