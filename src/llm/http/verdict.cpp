#include "llm/http/verdict.hpp"

#include <algorithm>
#include <initializer_list>

namespace persona4rec {
namespace {

bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

Verdict read_failure(const HttpResponse& response) {
  Verdict verdict;
  verdict.kind = response.failure == TransportFailure::kFatal ? VerdictKind::kFatal : VerdictKind::kTryAgain;
  verdict.timed_out = response.failure == TransportFailure::kTimeout;
  const bool sent = verdict.timed_out || response.failure == TransportFailure::kBroken;
  verdict.billing = sent ? Billing::kUnknown : Billing::kFree;
  verdict.message = response.error;
  return verdict;
}

Verdict read_success(const HttpResponse& response) {
  Verdict verdict;
  verdict.completion = parse_completion(response.body);
  verdict.billing = verdict.completion.use ? Billing::kReported : Billing::kUnknown;
  verdict.kind = verdict.completion.problem.empty() ? VerdictKind::kAnswer : VerdictKind::kTryAgain;
  verdict.message = verdict.completion.problem;
  return verdict;
}

// This request will never be answered, and it is not the fault of its form. vLLM says so in words alone.
bool is_own_fault(const ServerError& error) {
  return error.message.find("maximum context length") != std::string::npos ||
         is_one_of(error.code, {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length",
                                "content_filter", "content_policy_violation"});
}

VerdictKind kind_of_error(int status, const ServerError& error) {
  // OpenAI says "no money" with the status of a rate limit: waiting does not help.
  if (status == 429 &&
      is_one_of(error.code, {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}))
    return VerdictKind::kFatal;
  if (status == 429) return VerdictKind::kRateLimited;
  if (is_transient(status)) return VerdictKind::kTryAgain;
  if (status != 400 && status != 422) return VerdictKind::kFatal;
  return is_own_fault(error) ? VerdictKind::kSetAside : VerdictKind::kRefused;
}

std::string hint(int status) {
  if (status == 401 || status == 403) return " (is OPENAI_API_KEY right for this service?)";
  if (status == 404) return " (are --llm-base-url and --llm-model right?)";
  return {};
}

}  // namespace

Verdict read_response(const HttpResponse& response, double now_unix_s) {
  if (response.failure != TransportFailure::kNone) return read_failure(response);
  if (response.status == 200) return read_success(response);
  Verdict verdict;
  verdict.error = parse_error(response.body);
  verdict.message = "HTTP " + std::to_string(response.status) + ": " + verdict.error.message + hint(response.status);
  verdict.wait_s = demanded_wait_s(response.status, response.headers, now_unix_s);
  verdict.kind = response.status >= 300 && response.status < 400 && !response.redirect_url.empty()
                     ? VerdictKind::kMoved
                     : kind_of_error(response.status, verdict.error);
  return verdict;
}

}  // namespace persona4rec
