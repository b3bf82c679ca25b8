// `--llm http`: any server that speaks OpenAI's chat completions (OpenAI, Azure, vLLM, llama.cpp, Ollama).
#pragma once

#include "llm/http/ask_loop.hpp"
#include "llm/http/transport.hpp"
#include "llm/money/budget.hpp"
#include "llm/store/answer_book.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

class HttpClient final : public ChatClient {
 public:
  // Throws Error kUsage, kOutput (the store), kInput (prices).
  explicit HttpClient(const LlmOptions& options);

  [[nodiscard]] std::string model() const override { return options_.model; }
  void expect(std::uint64_t requests) override { asking_.expected = requests; }
  void ask(const RequestStream& requests) override;
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override { return book_.outcome(request); }
  [[nodiscard]] ChatTotals totals() const override { return asking_.totals; }

 private:
  LlmOptions options_;
  ReplyStore store_;
  AnswerBook book_;
  Budget budget_;
  Transport transport_;
  Asking asking_;
};

// The service's address: --llm-base-url, else $OPENAI_BASE_URL, else OpenAI's own.
[[nodiscard]] std::string service_url(const LlmOptions& options);

// Throws Error kUsage: options that every way of asking a service needs.
void check_service_options(const LlmOptions& options);

// The budget of a run. Throws Error kUsage when dollars are limited and no price is known.
[[nodiscard]] Budget make_budget(const LlmOptions& options, bool batch);

}  // namespace persona4rec
