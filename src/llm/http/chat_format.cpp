#include "llm/http/chat_format.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMessageBytes = 400;       // of a server's error
constexpr std::size_t kFailedReplyBytes = 8000;  // of the reply that a repair prompt quotes
constexpr std::uint64_t kTemplateTokens = 64;    // of a chat template around a conversation
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
  return "This answer cannot be used: " + problem +
         "\nAnswer again with the corrected JSON object, complete, and nothing else.";
}

Json messages(const ChatRequest& request, const Attempt& attempt, AnswerFormat format) {
  Json made = Json::array();
  std::string user = request.user;
  std::string system = request.system;
  if (format != AnswerFormat::kJsonSchema) (system.empty() ? user : system) += schema_in_words(*request.schema);
  if (!system.empty()) made.push_back(message("system", std::move(system)));
  if (!user.empty()) made.push_back(message("user", std::move(user)));
  if (attempt.problem.empty()) return made;
  if (!attempt.failed_reply.empty())
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

// Content is a string, or a list of parts.
std::string text_of(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const auto& part : content)
    if (part.is_object() && part.contains("text") && part["text"].is_string()) text += part["text"].get<std::string>();
  return text;
}

std::string string_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::optional<TokenUse> read_use(const Json& body) {
  const auto use = body.find("usage");
  if (use == body.end() || !use->is_object()) return std::nullopt;
  const auto count = [&](const char* key) -> std::optional<std::uint64_t> {
    const auto at = use->find(key);
    if (at == use->end() || !at->is_number_unsigned()) return std::nullopt;
    return at->get<std::uint64_t>();
  };
  const auto prompt = count("prompt_tokens");
  if (!prompt) return std::nullopt;
  return TokenUse{.prompt = *prompt, .completion = count("completion_tokens").value_or(0)};
}

// One line, no control characters, short.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!space) line += c;
    if (space && !line.empty() && line.back() != ' ') line += ' ';
  }
  const auto cut = cut_utf8(trim(line), kMessageBytes);
  return find_bad_utf8(cut) ? "(not text)" : std::string(cut);
}

std::string without_tags(std::string_view html) {
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += c;
    if (c == '>') {
      in_tag = false;
      text += ' ';
    }
  }
  return text;
}

bool mentions(const ServerError& error, std::initializer_list<const char*> words) {
  const std::string text = lower_utf8(error.message + " " + error.code);
  for (const char* word : words)
    if (text.find(word) != std::string::npos) return true;
  return false;
}

}  // namespace

std::string request_key(const std::string& model, const ChatRequest& request) {
  const Json original = {{"model", model},
                         {"messages", Json::array({message("system", request.system), message("user", request.user)})},
                         {"schema", *request.schema},
                         {"temperature", request.sampling.temperature},
                         {"max_tokens", request.sampling.max_tokens}};
  return sha256_hex(dump(original));
}

std::string request_body(const std::string& model, const ChatRequest& request, const Attempt& attempt,
                         const ServerForm& form) {
  Json body = {{"model", model}, {"messages", messages(request, attempt, form.format)}};
  if (form.temperature) body["temperature"] = request.sampling.temperature;
  body[form.max_completion_tokens ? "max_completion_tokens" : "max_tokens"] = attempt.max_tokens(request);
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
  return bytes + kTemplateTokens + messages * kTemplatePerMessage;
}

Completion parse_completion(std::string_view body) {
  const Json parsed = Json::parse(body, nullptr, false);
  if (parsed.is_discarded()) {
    Completion completion;
    completion.problem = "the service's reply is not JSON: " + parse_error(body).message;
    return completion;
  }
  return read_completion(parsed);
}

Completion read_completion(const Json& body) {
  Completion completion;
  if (!body.is_object()) {
    completion.problem = "the service's reply is no JSON object";
    return completion;
  }
  completion.use = read_use(body);
  if (const auto error = body.find("error"); error != body.end() && !error->is_null()) {
    completion.problem = "the service's reply is an error: " + read_error(body).message;
    return completion;
  }
  const auto choices = body.find("choices");
  if (choices == body.end() || !choices->is_array() || choices->empty() || !choices->front().is_object() ||
      !choices->front().contains("message") || !choices->front()["message"].is_object()) {
    completion.problem = "the service's reply has no choices";
    return completion;
  }
  const Json& choice = choices->front();
  const Json& answer = choice["message"];
  if (answer.contains("content")) completion.text = text_of(answer["content"]);
  completion.refusal = string_at(answer, "refusal");
  completion.finish_reason = string_at(choice, "finish_reason");
  if (completion.finish_reason.empty()) completion.finish_reason = "stop";
  return completion;
}

ServerError read_error(const Json& body) {
  ServerError error;
  const auto find = [](const Json& object, const char* key) {
    return object.is_object() && object.contains(key) ? &object[key] : nullptr;
  };
  const Json* inner = find(body, "error");
  const Json& object = inner != nullptr && inner->is_object() ? *inner : body;
  if (inner != nullptr && inner->is_string()) error.message = inner->get<std::string>();
  for (const char* key : {"message", "detail", "msg"}) {
    const Json* value = find(object, key);
    if (value != nullptr && error.message.empty())
      error.message = value->is_string() ? value->get<std::string>() : dump(*value);
  }
  for (const char* key : {"code", "type"}) {  // vLLM and llama.cpp repeat the HTTP status as the code
    const Json* value = find(object, key);
    if (value != nullptr && value->is_string() && error.code.empty()) error.code = *value;
  }
  if (error.message.empty()) error.message = dump(body);
  error.message = one_line(error.message);
  return error;
}

ServerError parse_error(std::string_view body) {
  const Json parsed = Json::parse(body, nullptr, false);
  if (parsed.is_object()) return read_error(parsed);
  const auto text = trim(body);
  std::string line = one_line(text.starts_with('<') ? without_tags(text) : std::string(text));
  if (line.empty()) line = "(an empty reply)";
  return {.message = line, .code = {}};
}

std::optional<ServerForm> weaker_form(const ServerForm& form, const ServerError& refusal) {
  ServerForm weaker = form;
  if (!form.max_completion_tokens && mentions(refusal, {"max_completion_tokens"})) {
    weaker.max_completion_tokens = true;
    return weaker;
  }
  if (form.temperature && mentions(refusal, {"temperature"})) {
    weaker.temperature = false;
    return weaker;
  }
  if (form.format == AnswerFormat::kPlain) return std::nullopt;
  weaker.format = form.format == AnswerFormat::kJsonSchema ? AnswerFormat::kJsonObject : AnswerFormat::kPlain;
  return weaker;
}

}  // namespace persona4rec
