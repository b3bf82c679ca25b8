// OpenAI's chat completions, the asking side: the key and the body of a request, and the forms that servers take.
// Format: https://platform.openai.com/docs/api-reference/chat; what other servers do differently is noted where it is
// met. What they reply is read by verdict.hpp. Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llm/http/server_error.hpp"
#include "persona4rec/chat_client.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

// What a server takes, known by its model's name or learned from its refusals.
struct ServerForm {
  AnswerFormat format = AnswerFormat::kJsonSchema;
  bool max_completion_tokens = false;  // newer OpenAI models refuse "max_tokens" ...
  bool temperature = true;             // ... and a temperature

  friend bool operator==(const ServerForm&, const ServerForm&) = default;
};

// The form for batches, whose refusals come a day later: of OpenAI's reasoning models, as they are known by name.
[[nodiscard]] ServerForm form_of_model(const std::string& model, AnswerFormat format);

// Hex SHA-256 of the original request: model, messages, schema, sampling.
[[nodiscard]] std::string request_key(const std::string& model, const ChatRequest& request);

// How to ask next: plainly, or after a reply that failed its check with that reply and what was wrong with it.
struct Attempt {
  bool doubled = false;  // twice the request's max_tokens
  std::string failed_reply;
  std::string problem;  // empty = first try

  [[nodiscard]] int max_tokens(const ChatRequest& request) const {
    return doubled ? 2 * request.sampling.max_tokens : request.sampling.max_tokens;
  }
};

// The JSON body of POST /chat/completions.
[[nodiscard]] std::string request_body(const std::string& model, const ChatRequest& request, const Attempt& attempt,
                                       const ServerForm& form);

// An upper bound of the prompt's tokens: one a byte of everything that reaches the model, and the chat template.
[[nodiscard]] std::uint64_t most_prompt_tokens(const ChatRequest& request, const Attempt& attempt);
// That, and all tokens that the answer may take.
[[nodiscard]] TokenUse most_tokens(const ChatRequest& request, const Attempt& attempt);

// The same of all answers that a request may get: each again with twice the tokens and the longest repair.
[[nodiscard]] TokenUse most_tokens_of_all(const ChatRequest& request, std::uint64_t max_attempts);

// The next weaker form, where this refusal may be about the form; nothing where it cannot be.
[[nodiscard]] std::optional<ServerForm> weaker_form(const ServerForm& form, const ServerError& refusal);

}  // namespace persona4rec
