#include "encoder/store/window_plan.hpp"

#include <set>

namespace persona4rec {

WindowPlan make_plan(const std::vector<WindowMember>& members, std::span<const std::size_t> first_rows) {
  const auto plan_with = [&](std::uint64_t begun) {
    WindowPlan plan;
    for (const auto& member : members) {
      if (member.plan != kNoPlan && member.plan != begun) continue;
      plan.distinct.push_back(member.distinct);
      plan.rows.push_back(first_rows[member.distinct]);
      plan.keys.push_back(member.key);
      plan.known.push_back(member.plan == kNoPlan ? 0 : 1);
    }
    plan.number = plan_number(plan.keys);
    return plan;
  };
  std::set<std::uint64_t> begun;
  for (const auto& member : members) begun.insert(member.plan);
  begun.erase(kNoPlan);
  for (const std::uint64_t number : begun) {
    WindowPlan plan = plan_with(number);
    if (plan.number == number) return plan;
  }
  return plan_with(kNoPlan);
}

}  // namespace persona4rec
