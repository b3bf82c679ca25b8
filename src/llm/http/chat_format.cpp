#include "llm/http/chat_format.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/hash.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kFailedReplyBytes = 8000;    // of the reply that a repair prompt quotes
constexpr std::size_t kProblemBytes = 2000;        // and of what was wrong with it
constexpr std::uint64_t kMostTemplateTokens = 64;  // of a chat template around a conversation
constexpr std::uint64_t kTemplatePerMessage = 16;

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json message(const char* role, std::string text) {
  return Json{{"role", role}, {"content", std::move(text)}};
}

// What OpenAI's strict mode refuses in a schema; checked here all the same.
Json portable_schema(const Json& schema) {
  Json portable = schema;
  if (portable.is_object()) {
    portable.erase("minLength");
    portable.erase("maxLength");
  }
  if (portable.is_structured())
    for (auto& member : portable) member = portable_schema(member);
  return portable;
}

std::string schema_in_words(const Json& schema) {
  return "\n\nAnswer with one JSON object and nothing else. It must fit this JSON schema:\n" + dump(schema);
}

std::string repair_text(const std::string& problem) {
  return "This answer cannot be used: " + std::string(cut_utf8(problem, kProblemBytes)) +
         "\nAnswer again with the corrected JSON object, complete, and nothing else.";
}

Json messages(const ChatRequest& request, const Attempt& attempt, AnswerFormat format) {
  Json made = Json::array();
  std::string user = request.user;
  std::string system = request.system;
  if (format != AnswerFormat::kJsonSchema) (system.empty() ? user : system) += schema_in_words(*request.schema);
  // Many chat templates demand that user and assistant take turns: without a reply to quote, the repair joins the
  // prompt.
  const bool repairs = !attempt.problem.empty();
  const bool quotes = repairs && !trim(attempt.failed_reply).empty() && !user.empty();
  if (repairs && !quotes) user += (user.empty() ? "" : "\n\n") + repair_text(attempt.problem);
  if (!system.empty()) made.push_back(message("system", std::move(system)));
  if (!user.empty()) made.push_back(message("user", std::move(user)));
  if (!quotes) return made;
  made.push_back(message("assistant", std::string(cut_utf8(attempt.failed_reply, kFailedReplyBytes))));
  made.push_back(message("user", repair_text(attempt.problem)));
  return made;
}

Json response_format(const ChatRequest& request) {
  return {{"type", "json_schema"},
          {"json_schema",
           {{"name", request.stage.empty() ? "answer" : request.stage},
            {"strict", true},
            {"schema", portable_schema(*request.schema)}}}};
}

// o1, o3-mini, o4-mini, gpt-5-nano: all but the chat models of the gpt-5 family.
bool is_reasoning_model(std::string_view name) {
  name.remove_prefix(name.find_last_of('/') + 1);  // "openai/o3"; npos + 1 is 0
  const bool o_series = name.size() >= 2 && name[0] == 'o' && is_ascii_digit(name[1]);
  return o_series || (name.starts_with("gpt-5") && name.find("chat") == std::string_view::npos);
}

}  // namespace

ServerForm form_of_model(const std::string& model, AnswerFormat format) {
  const bool reasons = is_reasoning_model(model);
  return {.format = format, .max_completion_tokens = reasons, .temperature = !reasons};
}

std::string request_key(const std::string& model, const ChatRequest& request) {
  Json original = {{"model", model},
                   {"messages", Json::array({message("system", request.system), message("user", request.user)})},
                   {"schema", *request.schema},
                   {"temperature", request.sampling.temperature},
                   {"max_tokens", request.sampling.max_tokens}};
  if (!request.sampling.reasoning_effort.empty()) original["reasoning_effort"] = request.sampling.reasoning_effort;
  return sha256_hex(dump(original));
}

std::string request_body(const std::string& model, const ChatRequest& request, const Attempt& attempt,
                         const ServerForm& form) {
  Json body = {{"model", model}, {"messages", messages(request, attempt, form.format)}};
  if (form.temperature) body["temperature"] = request.sampling.temperature;
  body[form.max_completion_tokens ? "max_completion_tokens" : "max_tokens"] = attempt.max_tokens(request);
  if (!request.sampling.reasoning_effort.empty()) body["reasoning_effort"] = request.sampling.reasoning_effort;
  if (form.format == AnswerFormat::kJsonSchema) body["response_format"] = response_format(request);
  if (form.format == AnswerFormat::kJsonObject) body["response_format"] = {{"type", "json_object"}};
  return dump(body);
}

std::uint64_t most_prompt_tokens(const ChatRequest& request, const Attempt& attempt) {
  // The plain form says most in words; a server may put the schema of the others into the prompt as well.
  std::uint64_t bytes = request.system.size() + request.user.size() + schema_in_words(*request.schema).size();
  std::uint64_t messages = 2;
  if (!attempt.problem.empty()) {
    bytes += std::min(attempt.failed_reply.size(), kFailedReplyBytes) + repair_text(attempt.problem).size();
    messages += 2;
  }
  return bytes + kMostTemplateTokens + messages * kTemplatePerMessage;
}

TokenUse most_tokens(const ChatRequest& request, const Attempt& attempt) {
  return {.prompt = most_prompt_tokens(request, attempt),
          .completion = static_cast<std::uint64_t>(attempt.max_tokens(request))};
}

TokenUse most_tokens_of_all(const ChatRequest& request, std::uint64_t max_attempts) {
  const Attempt repair{
      .doubled = true, .failed_reply = std::string(kFailedReplyBytes, 'x'), .problem = std::string(kProblemBytes, 'x')};
  const TokenUse first = most_tokens(request, {});
  const TokenUse again = most_tokens(request, repair);
  return {.prompt = first.prompt + (max_attempts - 1) * again.prompt,
          .completion = first.completion + (max_attempts - 1) * again.completion};
}

std::optional<ServerForm> weaker_form(const ServerForm& form, const ServerError& refusal) {
  ServerForm weaker = form;
  if (!form.max_completion_tokens && refusal.mentions({"max_completion_tokens"})) {
    weaker.max_completion_tokens = true;
    return weaker;
  }
  if (form.temperature && refusal.mentions({"temperature"})) {
    weaker.temperature = false;
    return weaker;
  }
  if (form.format == AnswerFormat::kPlain) return std::nullopt;
  weaker.format = form.format == AnswerFormat::kJsonSchema ? AnswerFormat::kJsonObject : AnswerFormat::kPlain;
  return weaker;
}

}  // namespace persona4rec
