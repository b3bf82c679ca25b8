// OpenAI's chat completions as text: the key and the body of a request, what a reply or an error says.
// Format: https://platform.openai.com/docs/api-reference/chat; what other servers do differently is noted where it is
// met. Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// How an answer's structure is asked for, best first.
enum class AnswerFormat : std::uint8_t { kJsonSchema, kJsonObject, kPlain };

// What a server takes, learned from its refusals.
struct ServerForm {
  AnswerFormat format = AnswerFormat::kJsonSchema;
  bool max_completion_tokens = false;  // newer OpenAI models refuse "max_tokens" ...
  bool temperature = true;             // ... and a temperature

  friend bool operator==(const ServerForm&, const ServerForm&) = default;
};

// Hex SHA-256 of the original request: model, messages, schema, sampling.
[[nodiscard]] std::string request_key(const std::string& model, const ChatRequest& request);

// One try at a request. After a reply that failed its check: that reply and what was wrong with it.
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

// The body of a 200.
struct Completion {
  std::string problem;        // not empty: nothing that can be judged ("the reply has no choices")
  std::string text;           // the message
  std::string finish_reason;  // "stop" where the server says nothing
  std::string refusal;        // the model's own "no"
  std::optional<TokenUse> use;
};
[[nodiscard]] Completion parse_completion(std::string_view body);
[[nodiscard]] Completion read_completion(const Json& body);

// The body of anything else, as one short line: JSON in its various shapes, HTML, text.
struct ServerError {
  std::string message;
  std::string code;  // "context_length_exceeded", "insufficient_quota", ...; may be empty
};
[[nodiscard]] ServerError parse_error(std::string_view body);
[[nodiscard]] ServerError read_error(const Json& body);

// The next weaker form, where this refusal (400 or 422) may be about the form; nothing where it cannot be.
[[nodiscard]] std::optional<ServerForm> weaker_form(const ServerForm& form, const ServerError& refusal);

}  // namespace persona4rec
