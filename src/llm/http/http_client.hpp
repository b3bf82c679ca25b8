// `--llm http`: any server that speaks OpenAI's chat completions (OpenAI, Azure, vLLM, llama.cpp, Ollama).
#pragma once

#include <cstdint>
#include <string>

#include "llm/http/chat_service.hpp"
#include "llm/money/account.hpp"
#include "llm/store/answer_book.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

class HttpClient final : public ChatClient {
 public:
  // Throws Error kUsage, kOutput (the store), kInput (prices).
  explicit HttpClient(const LlmOptions& options);

  [[nodiscard]] std::string model() const override { return options_.model; }
  void expect(std::uint64_t requests) override { expected_ = requests; }
  void ask(const RequestStream& requests) override;
  [[nodiscard]] bool has_answer(const ChatRequest& request) override { return book_.has_answer(request); }
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override { return book_.outcome(request); }
  [[nodiscard]] ChatTotals totals() const override { return account_.totals(); }

 private:
  LlmOptions options_;
  ReplyStore store_;
  AnswerBook book_;
  ChatService service_;
  Account account_;
  std::uint64_t expected_ = 0;
};

// Throws Error kUsage: options that every way of asking a service needs.
void check_service_options(const LlmOptions& options);

// The budget of a run. Throws Error kUsage when dollars are limited and no price is known.
[[nodiscard]] Budget make_budget(const LlmOptions& options, bool batch);

}  // namespace persona4rec
