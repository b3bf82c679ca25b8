// What is known about a request: the reply store seen through schema, check and attempts. Used by every way of asking.
//
// A stored reply is judged again when it is met: a stricter check of a later version, or an answer that came by batch
// and nobody has looked at, never passes unseen. Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <string>

#include "llm/http/chat_format.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// Where a request stands: the replies it got so far, and how to ask while it is open.
struct Standing {
  Reply reply;
  Attempt next;

  [[nodiscard]] bool is_settled() const { return reply.state != ReplyState::kOpen; }
};

// finish_reason of a reply of the service that carries no answer (no choices, no JSON): there is nothing to quote.
inline constexpr const char* kNoChoice = "no_choice";

// Whether the model used up its tokens by thinking and wrote no answer.
[[nodiscard]] bool thought_only(const Reply& reply);

class AnswerBook {
 public:
  struct Options {
    std::string model;
    std::uint64_t max_attempts = 5;
    bool refresh = false;    // only what this run wrote counts
    bool only_look = false;  // look_up() writes nothing
  };
  // REQUIRES: `store` outlives the book.
  AnswerBook(ReplyStore& store, Options options);

  [[nodiscard]] const std::string& model() const { return options_.model; }
  [[nodiscard]] std::string key(const ChatRequest& request) const { return request_key(options_.model, request); }

  // From the store. A reply that came by batch and is good (or beyond repair) is marked as such.
  [[nodiscard]] Standing look_up(const ChatRequest& request, const std::string& key);

  // Takes the reply's text, finish_reason and (as `reason`) the model's refusal, or why there is no choice, and
  // decides: accept, ask again, or set aside. REQUIRES: reply.attempts counts it.
  void judge(const ChatRequest& request, Standing& standing) const;

  // Whether the store holds its answer; one that was set aside is none.
  [[nodiscard]] bool has_answer(const ChatRequest& request);

  // What the request came to. Throws internal_error when it is not settled.
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request);

 private:
  ReplyStore& store_;
  Options options_;
};

}  // namespace persona4rec
