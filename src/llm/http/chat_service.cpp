#include "llm/http/chat_service.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kSpareConnections = 8;
constexpr int kMostRedirects = 5;

}  // namespace

std::string service_url(const LlmOptions& options) {
  if (!options.base_url.empty()) return options.base_url;
  const char* given = std::getenv("OPENAI_BASE_URL");
  return given != nullptr && *given != '\0' ? given : "https://api.openai.com/v1";
}

ChatService::ChatService(const LlmOptions& options)
    : model_(options.model),
      timeout_(std::llround(options.timeout_s * 1e3)),
      transport_(Secret::from_environment(), options.concurrency + kSpareConnections),
      url_(join_url(service_url(options), "/chat/completions")) {}

void ChatService::start(JobId id, Job& job) {
  job.form = form_;
  HttpRequest http;
  http.url = url_;
  http.json = request_body(model_, job.request, job.standing.next, job.form);
  http.timeout = timeout_;
  transport_.start(id, std::move(http));
}

std::string ChatService::follow(const std::string& target) {
  if (origin_of(target) != origin())
    return "the service redirects to another host, " + origin_of(target) +
           ", where neither key nor prompts are sent unasked. If you trust it, give it as --llm-base-url";
  if (++redirects_ > kMostRedirects) return origin() + ": too many redirects";
  url_ = target;
  return {};
}

std::string ChatService::weaken(const ServerForm& refused, const ServerError& error, const std::string& message) {
  if (refused != form_) return {};  // another request has found the form in the meantime
  const auto weaker = weaker_form(refused, error);
  if (!weaker) {
    const bool same = first_refusal_.empty() || first_refusal_ == message;
    return origin() + ": " + message + (same ? "" : "; with a JSON schema it said " + first_refusal_);
  }
  if (weaker->format != refused.format) {
    if (first_refusal_.empty()) first_refusal_ = message;
    log_info("the service refuses response_format " +
             std::string(refused.format == AnswerFormat::kJsonSchema ? "json_schema" : "json_object") +
             "; asking in a simpler form, answers are checked all the same");
  }
  form_ = *weaker;
  return {};
}

}  // namespace persona4rec
