// What a client has asked and spent: its budget, its totals, and the rows of the store that say so by stage.
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "llm/money/budget.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/chat_client.hpp"

namespace persona4rec {

class Account {
 public:
  explicit Account(Budget budget) : budget_(budget) {}

  [[nodiscard]] const Budget& budget() const { return budget_; }
  [[nodiscard]] const ChatTotals& totals() const { return totals_; }

  void count_stored(std::uint64_t requests = 1) { totals_.stored += requests; }
  void count_reject() { ++totals_.rejects; }

  // A request goes out, `again` after an earlier try, and may cost `most`.
  void sent(const std::string& stage, const TokenUse& most, bool again);
  // It came back: not billed, billed for `use`, or perhaps billed for all of `most`, which then stays reserved.
  void free(const std::string& stage, const TokenUse& most);
  void billed(const std::string& stage, const TokenUse& most, const TokenUse& use);
  void perhaps_billed(const TokenUse& most);

  // Puts the rows of stages where something changed.
  void put_spend(ReplyStore& store);

 private:
  struct StageSpend {
    Spend row;
    TokenUse unsettled;  // reserved for what is in flight or ended without an answer
  };

  Budget budget_;
  ChatTotals totals_;
  std::map<std::string, StageSpend> stages_;
  bool changed_ = false;
};

}  // namespace persona4rec
