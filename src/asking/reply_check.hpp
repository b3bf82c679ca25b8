// What is wrong with a model's reply: finds the JSON in it and checks that against the answer schema, whatever the
// server promised about structured output. Thread-safety: re-entrant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// What a reply says behind its reasoning (<think>..</think>), trimmed; empty when it never came to an end.
[[nodiscard]] std::string_view without_reasoning(std::string_view reply);

// The JSON value of a reply: bare, in a code fence, or with chat and reasoning (<think>..</think>) around it. Where
// there are several, the first that fits `schema`, else the first. Nothing when there is none: `problem` says why.
[[nodiscard]] std::optional<Json> recover_json(std::string_view reply, const Json& schema, std::string& problem);

// The answer in a reply; nothing when JSON, schema or the request's own check is not satisfied, in that order:
// `problem` says which, in UTF-8. "null", "None" and "N/A" are null where the schema takes null. REQUIRES:
// request.schema.
[[nodiscard]] std::optional<Json> check_reply(std::string_view reply, const ChatRequest& request, std::string& problem);

// The request's own verdict on an answer: schema first, then `check`. Empty = good. REQUIRES: request.schema.
[[nodiscard]] std::string check_answer(const Json& answer, const ChatRequest& request);

}  // namespace persona4rec
