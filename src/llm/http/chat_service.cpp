#include "llm/http/chat_service.hpp"

#include <algorithm>
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
      url_(join_url(service_url(options), "/chat/completions")),
      first_format_(options.answer_format),
      form_{.format = options.answer_format} {}

void ChatService::start(JobId id, Job& job) {
  job.form = job.own_form.value_or(form_);
  job.url = url_;
  HttpRequest http;
  http.url = url_;
  http.json = request_body(model_, job.request, job.standing.next, job.form);
  http.timeout = timeout_;
  transport_.start(id, std::move(http));
}

std::string ChatService::follow(const std::string& from, const std::string& target) {
  if (from != url_) return {};  // another request has found the way in the meantime
  if (origin_of(target) != origin())
    return "the service redirects to another host, " + origin_of(target) +
           ", where neither key nor prompts are sent unasked. If you trust it, give it as --llm-base-url";
  if (++redirects_ > kMostRedirects) return origin() + ": too many redirects";
  url_ = target;
  return {};
}

void ChatService::on_answer(const ServerForm& form) {
  redirects_ = 0;
  if (!has_won(form)) won_.push_back(form);
}

bool ChatService::has_won(const ServerForm& form) const {
  return std::find(won_.begin(), won_.end(), form) != won_.end();
}

void ChatService::weaken(const ServerForm& weaker, const std::string& refusal) {
  if (weaker.format != form_.format) {
    if (first_refusal_.empty()) first_refusal_ = refusal;
    log_info("the service refuses response_format " +
             std::string(form_.format == AnswerFormat::kJsonSchema ? "json_schema" : "json_object") +
             "; asking in a simpler form, answers are checked all the same");
  }
  form_ = weaker;
}

AfterRefusal ChatService::on_refusal(Job& job, const Verdict& refusal, bool known) {
  const auto weaker = weaker_form(job.form, refusal.error);
  if (job.own_form) {
    if (!std::exchange(job.form_in_doubt, false) || has_won(form_)) return AfterRefusal::kSetAside;
    job.own_form.reset();  // it was the form, after all
    return AfterRefusal::kAskAgain;
  }
  const bool is_of_request = refusal.own_matter || has_won(job.form);
  // Another request may have found the form in the meantime.
  if (!is_of_request && job.form != form_) return AfterRefusal::kAskAgain;
  job.form_in_doubt = !is_of_request && known && weaker && weaker->format != job.form.format && !doubted_;
  if (is_of_request || job.form_in_doubt) {
    doubted_ = doubted_ || job.form_in_doubt;
    job.own_form = weaker;  // for this request alone
    return weaker ? AfterRefusal::kAskAgain : AfterRefusal::kSetAside;
  }
  if (weaker) {
    weaken(*weaker, refusal.message);
    return AfterRefusal::kAskAgain;
  }
  form_.format = first_format_;  // every form was refused: begins again with the first, for other requests
  return AfterRefusal::kNoFormLeft;
}

std::string ChatService::first_refusal(const std::string& last) const {
  if (first_refusal_.empty() || first_refusal_ == last) return {};
  return "; with a JSON schema it said " + first_refusal_;
}

}  // namespace persona4rec
