// Two clients that share the requests of a stage: a language model for those where it pays, and one that answers the
// rest for nothing.
#pragma once

#include <string>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// A request goes to `rest` when it says so (ChatRequest::for_rest), or when the budget of `model` was used up before
// its turn. All else is the model's. Thread-safety: one object, one thread. REQUIRES: both outlive it; `rest` costs
// nothing.
class SharedClient final : public ChatClient {
 public:
  SharedClient(ChatClient& model, ChatClient& rest) : model_(model), rest_(rest) {}

  [[nodiscard]] std::string model() const override { return model_.model(); }
  [[nodiscard]] bool reads_prompts() const override { return model_.reads_prompts(); }
  [[nodiscard]] bool has_answer(const ChatRequest& request) override {
    return !request.for_rest && model_.has_answer(request);
  }
  void expect(std::uint64_t requests) override { model_.expect(requests); }
  void ask(const RequestStream& requests) override;
  [[nodiscard]] bool has_outcomes() const override { return model_.has_outcomes(); }
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override;
  [[nodiscard]] ChatTotals totals() const override { return model_.totals(); }

  // Outcomes that came from `rest`.
  [[nodiscard]] std::uint64_t of_rest() const { return of_rest_; }

 private:
  ChatClient& model_;
  ChatClient& rest_;
  bool budget_used_up_ = false;
  std::uint64_t of_rest_ = 0;
};

}  // namespace persona4rec
