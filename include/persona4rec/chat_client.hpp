// The language model as every stage sees it: one interface, implemented by src/offline (no model), by `http` and
// `batch` (src/llm), and by a fake in tests.
//
// A stage works in two passes so that nobody holds prompts or replies of a whole run in memory:
//   1. ask(requests)      every request of the stage gets an outcome (asked, or found in the reply store);
//   2. outcome(request)   in input order, one at a time, while the artifact is written.
// Equal requests have equal outcomes, so a killed run goes on where it stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/json.hpp"

namespace persona4rec {

struct Sampling {
  double temperature = 0.0;      // 0..2
  int max_tokens = 500;          // completion tokens, > 0
  std::string reasoning_effort;  // of models that think: "low", "minimal", ..; passed on; empty = not said
};

// Says what is wrong with an answer that fits the schema but not the request ("support id r9 is no review of this
// item"); the text goes back to the model. Empty = nothing wrong. Must be deterministic.
using AnswerCheck = std::function<std::string(const Json& answer)>;

struct FactWords;  // lexical/fact_words.hpp

struct ChatRequest {
  std::string stage;   // "extract_aspects", "summarize", "personas", "select"
  std::string label;   // for people and the rejects file: "review 1042", "item B00000016W"
  std::string system;  // rendered prompt, UTF-8
  std::string user;
  std::shared_ptr<const Json> schema;  // JSON schema of the answer; portable subset: all required, no additional
  Sampling sampling;
  Json facts;         // what filled the prompt's placeholders (+): the offline provider answers from these
  AnswerCheck check;  // may be empty
  std::shared_ptr<const FactWords> words;  // of the facts' texts, for a client that reads no prompts; null: none
  bool for_rest = false;  // where two clients share a stage (asking/shared_client.hpp): the second answers
};

struct TokenUse {
  std::uint64_t prompt = 0;
  std::uint64_t completion = 0;
};

enum class ChatStatus : std::uint8_t { kOk, kRejected };

// What a request came to in the end.
struct ChatOutcome {
  ChatStatus status = ChatStatus::kOk;
  Json answer;         // valid by schema and check when kOk
  std::string reason;  // why it was set aside, when kRejected
  std::string raw;     // the last raw reply, when kRejected
  TokenUse use;
};

// What a run cost so far. Times and retries go to the run file; nothing of this goes to the meta file.
struct ChatTotals {
  std::uint64_t requests = 0;  // sent to a service
  std::uint64_t stored = 0;    // answered from the reply store
  std::uint64_t retries = 0;
  std::uint64_t rejects = 0;
  TokenUse use;
  double cost_usd = 0;       // by the tokens that the service reported; NaN = the model has no known price
  double unsettled_usd = 0;  // at most this much more, for requests that may have been billed without an answer
};

// Yields the next request, nothing at the end. Called from one thread.
using RequestStream = std::function<std::optional<ChatRequest>()>;

class ChatClient {
 public:
  ChatClient() = default;
  ChatClient(const ChatClient&) = delete;
  ChatClient& operator=(const ChatClient&) = delete;
  virtual ~ChatClient() = default;

  // What the meta file says answered: "offline" (no model was used) or the model's name.
  [[nodiscard]] virtual std::string model() const = 0;

  // False: answers come from a request's facts alone, so a stage need not render prompts that have no bound.
  [[nodiscard]] virtual bool reads_prompts() const { return true; }

  // Whether an answer from before is known, so that asking costs nothing; a client without a store knows none.
  [[nodiscard]] virtual bool has_answer(const ChatRequest& request) {
    static_cast<void>(request);
    return false;
  }

  // How many requests the next ask() will bring, where the stage knows: for progress and its ETA, nothing else.
  virtual void expect(std::uint64_t requests) { static_cast<void>(requests); }

  // Makes sure that every request of the stream has an outcome; in any order, many at once. A client that answers
  // without cost may return at once without reading the stream. Throws Error kService (wrong key, budget, breaker),
  // kOutput (store).
  virtual void ask(const RequestStream& requests) = 0;

  // False: ask() only looks at the requests (an estimate, a dump of prompts, a batch export) and there will be no
  // outcomes; the stage ends after its first pass and writes no artifact. Known from the start.
  [[nodiscard]] virtual bool has_outcomes() const { return true; }

  // Whether outcome() may be called from several threads at once.
  [[nodiscard]] virtual bool answers_at_once() const { return false; }

  // The outcome of a request that ask() has seen. Deterministic. REQUIRES: ask() has returned, has_outcomes().
  [[nodiscard]] virtual ChatOutcome outcome(const ChatRequest& request) = 0;

  [[nodiscard]] virtual ChatTotals totals() const = 0;
};

}  // namespace persona4rec
