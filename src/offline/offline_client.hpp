// The provider without a model and without a network, the default: deterministic answers made from a request's facts
// alone, by extraction (docs/llm.md, "Providers"). Prompts are not read. A stage a paragraph:
//
// - extract_aspects: names, telling phrases, judging phrases and cue clauses of the review, with their sentences
//
// - summarize: title, lists of categories, leading informative sentences
//
// - personas: reviews clustered by TF-IDF, critical ones apart; each named by its distinguishing words and described by
//   its most central sentences, word for word; support = its reviews
//
// - select: the persona whose words are nearest to the liked reviews
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// Answers pass the request's schema and check like those of any model; what fails is rejected with the reason.
// Thread-safety: outcome() from any threads at once.
class OfflineClient final : public ChatClient {
 public:
  [[nodiscard]] std::string model() const override { return "offline"; }
  [[nodiscard]] bool reads_prompts() const override { return false; }
  // Returns at once: an answer costs nothing but its computing, which outcome() does.
  void ask(const RequestStream& requests) override { static_cast<void>(requests); }
  [[nodiscard]] bool answers_at_once() const override { return true; }
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override;
  [[nodiscard]] ChatTotals totals() const override;

 private:
  std::atomic<std::uint64_t> rejects_{0};
};

}  // namespace persona4rec
