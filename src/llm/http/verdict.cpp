#include "llm/http/verdict.hpp"

#include "io/json_file.hpp"
#include "llm/http/retry.hpp"

namespace persona4rec {
namespace {

// Content is a string, or a list of parts.
std::string text_of(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const auto& part : content)
    if (part.is_object() && part.contains("text") && part["text"].is_string()) text += part["text"].get<std::string>();
  return text;
}

std::optional<TokenUse> read_use(const Json& body) {
  const auto use = body.find("usage");
  if (use == body.end() || !use->is_object()) return std::nullopt;
  const auto count = [&](const char* key) -> std::optional<std::uint64_t> {
    const auto at = use->find(key);
    // Signed where the line of a batch was read by simdjson.
    if (at == use->end() || !at->is_number_integer() || *at < 0) return std::nullopt;
    return at->get<std::uint64_t>();
  };
  const auto prompt = count("prompt_tokens");
  if (!prompt) return std::nullopt;
  return TokenUse{.prompt = *prompt, .completion = count("completion_tokens").value_or(0)};
}

// The first choice that carries a message; null when there is none.
const Json* choice_of(const Json& body) {
  const auto choices = body.find("choices");
  if (choices == body.end() || !choices->is_array() || choices->empty()) return nullptr;
  const Json& choice = choices->front();
  if (!choice.is_object() || !choice.contains("message") || !choice["message"].is_object()) return nullptr;
  return &choice;
}

Verdict no_answer(std::string message) {
  Verdict verdict;
  verdict.kind = VerdictKind::kNoAnswer;
  verdict.billing = Billing::kUnknown;
  verdict.message = std::move(message);
  return verdict;
}

Verdict read_answer(const Json& choice) {
  Verdict verdict;
  verdict.kind = VerdictKind::kAnswer;
  verdict.billing = Billing::kUnknown;
  const Json& answer = choice["message"];
  if (answer.contains("content")) verdict.text = text_of(answer["content"]);
  verdict.refusal = string_at(answer, "refusal");
  verdict.finish_reason = string_at(choice, "finish_reason");
  if (verdict.finish_reason.empty()) verdict.finish_reason = "stop";
  // A null: there is nothing to quote in a repair. Of a cut or filtered answer it says what became of it.
  const bool has_content =
      answer.contains("content") && (answer["content"].is_string() || answer["content"].is_array());
  const bool explained = !verdict.refusal.empty() || verdict.finish_reason == "length" ||
                         verdict.finish_reason.starts_with("content_filter");
  return has_content || explained ? verdict : no_answer("the service's reply has no content");
}

bool is_too_long(const ServerError& error) {
  return error.has_code({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length",
                         "request_too_large"}) ||
         error.mentions({"context length", "context size", "context window", "context_length", "input token",
                         "`inputs` tokens", "prompt is too long", "prompt too long", "input is too long",
                         "input too long", "contextwindow", "reduce the length", "maximum number of tokens allowed",
                         "maximum input length", "request too large"});
}

bool is_filtered(const ServerError& error) {
  if (error.has_code({"invalid_prompt", "1301", "sensitive_words_detected"}) ||
      error.mentions({"content_filter", "content filter", "contentfilter", "content management policy",
                      "content_policy", "content policy", "contentpolicy", "responsibleai", "data_inspection",
                      "datainspection", "prohibited_content", "safety_check", "violates usage", "violates our usage",
                      "content exists risk", "considered high risk"}))
    return true;
  // What follows is said of accounts as well.
  if (error.mentions({"your account", "your organization", "api key"})) return false;
  return error.mentions({"safety", "moderation", "flagged", "guardrail", "inappropriate", "unsafe", "harmful",
                         "sensitive", "usage policy", "usage policies", "usage guidelines", "acceptable use"});
}

// The service could not make JSON of what the model wrote, or not use the schema at all.
bool is_about_form(const ServerError& error) {
  return error.mentions({"grammar", "schema", "response_format", "guided", "structured output", "structured_output",
                         "json_object", "json mode", "outlines"});
}

// In words only where they cannot mean a limit that passes (Gemini says "exceeded your current quota" of those too).
bool is_out_of_money(const ServerError& error) {
  return error.has_code({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "arrearage",
                         "Arrearage", "insufficient_user_quota", "insufficient_balance"}) ||
         error.mentions({"credit balance", "insufficient balance", "insufficient credit", "not enough credit",
                         "out of credits", "hard limit has been reached"});
}

VerdictKind kind_of_error(int status, const ServerError& error) {
  switch (status) {
    case 401:
    case 402:
    case 404:
      return VerdictKind::kFatal;
    case 403:
      if (is_out_of_money(error)) return VerdictKind::kFatal;
      return is_filtered(error) ? VerdictKind::kSetAside : VerdictKind::kForbidden;
    case 413:  // of a proxy, often
    case 414:
    case 431:
    case 451:
      return VerdictKind::kSetAside;
    case 429:  // OpenAI says "no money" and "never" with the status of a rate limit: waiting does not help
      if (is_out_of_money(error)) return VerdictKind::kFatal;
      return error.mentions({"request too large"}) ? VerdictKind::kSetAside : VerdictKind::kRateLimited;
    default:
      break;
  }
  if (is_transient(status))
    return status >= 500 && is_about_form(error) ? VerdictKind::kRefused : VerdictKind::kTryAgain;
  if (status < 400 || is_out_of_money(error)) return VerdictKind::kFatal;
  return is_too_long(error) || is_filtered(error) ? VerdictKind::kSetAside : VerdictKind::kRefused;
}

std::string hint(int status, VerdictKind kind) {
  if (status == 401 || kind == VerdictKind::kForbidden) return " (is OPENAI_API_KEY right for this service?)";
  if (status == 404) return " (are --llm-base-url and --llm-model right?)";
  return {};
}

// A gateway that lost its patience: the model behind it may have answered, and been billed.
bool may_be_billed(int status) {
  return status == 504 || status == 524;
}

Verdict judge_error(int status, ServerError error) {
  Verdict verdict;
  verdict.kind = kind_of_error(status, error);
  verdict.billing = may_be_billed(status) ? Billing::kUnknown : Billing::kFree;
  verdict.own_matter = error.has_code({"json_validate_failed", "failed_generation", "tool_use_failed"});
  verdict.perhaps_done = status >= 500;
  verdict.message = "HTTP " + std::to_string(status) + ": " + error.message + hint(status, verdict.kind);
  verdict.error = std::move(error);
  return verdict;
}

// A 200 that carries an error: OpenRouter gives the status of the provider behind it.
Verdict judge_inner_error(const Json& body) {
  ServerError error = read_error(body);
  if (error.status == 0) return no_answer("the service's reply is an error: " + error.message);
  const int status = error.status;
  return judge_error(status, std::move(error));
}

// The body of a 200.
Verdict read_completion(const Json& body) {
  if (!body.is_object()) return no_answer("the service's reply is no JSON object");
  Verdict verdict;
  const auto error = body.find("error");
  const Json* choice = choice_of(body);
  if (error != body.end() && !error->is_null())
    verdict = judge_inner_error(body);
  else if (choice == nullptr)
    verdict = no_answer("the service's reply has no choices");
  else
    verdict = read_answer(*choice);
  verdict.use = read_use(body);
  if (verdict.use) verdict.billing = Billing::kReported;
  return verdict;
}

Verdict judge_failure(const HttpResponse& response) {
  Verdict verdict;
  verdict.kind = response.failure == TransportFailure::kFatal ? VerdictKind::kFatal : VerdictKind::kTryAgain;
  verdict.timed_out = response.failure == TransportFailure::kTimeout;
  const bool sent = verdict.timed_out || response.failure == TransportFailure::kBroken;
  verdict.billing = sent ? Billing::kUnknown : Billing::kFree;
  verdict.perhaps_done = sent;
  verdict.not_sent = !sent;
  verdict.message = response.error;
  return verdict;
}

}  // namespace

Verdict judge_call(const HttpResponse& response, double now_unix_s) {
  if (response.failure != TransportFailure::kNone) return judge_failure(response);
  if (response.status >= 200 && response.status < 300) {
    Verdict done;
    done.kind = VerdictKind::kAnswer;
    return done;
  }
  Verdict verdict = judge_error(response.status, parse_error(response.body));
  verdict.wait_s = demanded_wait_s(response.status, response.headers, now_unix_s);
  if (response.status >= 300 && response.status < 400 && !response.redirect_url.empty())
    verdict.kind = VerdictKind::kMoved;
  return verdict;
}

Verdict judge_chat(const HttpResponse& response, double now_unix_s) {
  Verdict verdict = judge_call(response, now_unix_s);
  if (verdict.kind != VerdictKind::kAnswer) return verdict;
  const Json body = parse_json_or_discarded(response.body);
  if (body.is_discarded()) return no_answer("the service's reply is not JSON: " + parse_error(response.body).message);
  return read_completion(body);
}

Verdict judge_chat(int status, const Json& body) {
  return status >= 200 && status < 300 ? read_completion(body) : judge_error(status, read_error(body));
}

}  // namespace persona4rec
