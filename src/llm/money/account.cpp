#include "llm/money/account.hpp"

#include <utility>

namespace persona4rec {

void Account::sent(const std::string& stage, const TokenUse& most, bool again) {
  changed_ = true;
  budget_.reserve(most);
  ++totals_.requests;
  if (again) ++totals_.retries;
  StageSpend& spend = stages_[stage];
  spend.row.requests += 1;
  spend.unsettled = spend.unsettled + most;
}

void Account::free(const std::string& stage, const TokenUse& most) {
  changed_ = true;
  budget_.release(most);
  StageSpend& spend = stages_[stage];
  spend.unsettled = spend.unsettled - most;
}

void Account::billed(const std::string& stage, const TokenUse& most, const TokenUse& use) {
  changed_ = true;
  budget_.settle(most, use);
  StageSpend& spend = stages_[stage];
  spend.unsettled = spend.unsettled - most;
  spend.row.use = spend.row.use + use;
  totals_.use = totals_.use + use;
}

void Account::perhaps_billed(const TokenUse& most) {
  changed_ = true;
  budget_.keep(most);
}

void Account::put_spend(ReplyStore& store) {
  if (!std::exchange(changed_, false)) return;
  totals_.cost_usd = budget_.cost_usd(totals_.use);
  totals_.unsettled_usd = budget_.cost_usd(budget_.kept() + budget_.reserved());
  for (auto& [stage, spend] : stages_) {
    spend.row.stage = stage;
    spend.row.cost_usd = budget_.cost_usd(spend.row.use);
    spend.row.unsettled_usd = budget_.cost_usd(spend.unsettled);
    store.put(spend.row);
  }
}

}  // namespace persona4rec
