// What a language-model service answers: the input's first line is the HTTP status, then lines of headers, an empty
// line, the body.
#include <charconv>

#include "fuzz/fuzz_target.hpp"
#include "llm/http/chat_format.hpp"
#include "llm/http/verdict.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

FUZZ_TARGET(service_reply) {
  HttpResponse response;
  const auto status = fuzz::take_line(input);
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  while (!input.empty()) {
    const auto line = fuzz::take_line(input);
    if (line.empty()) break;
    const auto colon = line.find(':');
    response.headers.emplace_back(line.substr(0, colon), colon == std::string_view::npos ? "" : line.substr(colon + 1));
  }
  response.body = input;
  const auto verdict = judge_chat(response, 1'700'000'000);
  fuzz::use(judge_call(response, 1'700'000'000));
  // What was said must be writable: it goes into the reply store and into rejects files.
  fuzz::use(Json(verdict.message).dump());
  if (verdict.kind == VerdictKind::kAnswer) fuzz::use(Json(verdict.text).dump());
  for (const auto kind : {AnswerFormat::kJsonSchema, AnswerFormat::kJsonObject, AnswerFormat::kPlain}) {
    fuzz::use(weaker_form({.format = kind}, verdict.error));
  }
}

}  // namespace persona4rec
