// What is wrong with a model's reply: finds the JSON in it and checks that against the answer schema, whatever the
// server promised about structured output. Thread-safety: re-entrant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// The JSON value of a reply: bare, in a code fence, or with chat and reasoning (<think>..</think>) around it. Where
// there are several, the first that fits `schema`, else the first. Nothing when there is none: `problem` says why.
[[nodiscard]] std::optional<Json> recover_json(std::string_view reply, const Json& schema, std::string& problem);

struct CheckedReply {
  Json answer;          // when problem is empty
  std::string problem;  // of JSON, schema or the request's own check, in that order
};

// REQUIRES: request.schema.
[[nodiscard]] CheckedReply check_reply(std::string_view reply, const ChatRequest& request);

// The request's own verdict on an answer: schema first, then `check`. Empty = good. REQUIRES: request.schema.
[[nodiscard]] std::string check_answer(const Json& answer, const ChatRequest& request);

}  // namespace persona4rec
