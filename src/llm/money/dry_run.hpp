// Clients that send nothing: --estimate and --dump-prompts. Stages end after their first pass and write no artifact.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "llm/money/budget.hpp"
#include "llm/store/answer_book.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

// Counts requests, tokens and cost. Tokens are calibrated with what the store has seen of the same stage and model;
// without such history prompts are estimated from their text and answers at half of what they may take.
class EstimateClient final : public ChatClient {
 public:
  explicit EstimateClient(const LlmOptions& options);

  [[nodiscard]] std::string model() const override { return options_.model; }
  void ask(const RequestStream& requests) override;
  [[nodiscard]] bool has_outcomes() const override { return false; }
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override;
  [[nodiscard]] ChatTotals totals() const override { return {}; }

 private:
  struct Sum {
    std::uint64_t requests = 0;
    std::uint64_t answered = 0;
    TokenUse once;            // every byte a token, every answer as long as it may be
    TokenUse most;            // the same of --max-attempts answers each
    std::uint64_t words = 0;  // prompt tokens estimated from the text
  };
  void add(Sum& sum, const ChatRequest& request);
  void print(const std::string& stage, const Sum& sum);
  [[nodiscard]] TokenUse expected(const std::string& stage, const Sum& sum, bool& calibrated);

  LlmOptions options_;
  std::unique_ptr<ReplyStore> store_;  // null when there is none yet
  std::unique_ptr<AnswerBook> book_;
};

// Prints the first prompts as they would be sent.
class DumpClient final : public ChatClient {
 public:
  explicit DumpClient(const LlmOptions& options) : options_(options) {}

  [[nodiscard]] std::string model() const override { return options_.model; }
  void ask(const RequestStream& requests) override;
  [[nodiscard]] bool has_outcomes() const override { return false; }
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override;
  [[nodiscard]] ChatTotals totals() const override { return {}; }

 private:
  LlmOptions options_;
};

}  // namespace persona4rec
