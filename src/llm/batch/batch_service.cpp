#include "llm/batch/batch_service.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "base/clock.hpp"
#include "base/stop.hpp"
#include "io/json_file.hpp"
#include "llm/http/chat_service.hpp"
#include "llm/http/verdict.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMostTries = 8;
constexpr double kFileTimeoutS = 900;  // 200 MB over a slow line
constexpr int kPagesOfBatches = 10;

std::uint64_t count_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

// {"errors": {"data": [{"message", "line"}, ..]}}
std::string errors_of(const Json& batch) {
  const Json errors = batch.value("errors", Json());
  const Json list = errors.is_object() ? errors.value("data", Json::array()) : errors;
  if (!list.is_array() || list.empty()) return {};
  return read_error(list.front()).message +
         (list.size() > 1 ? " (and " + std::to_string(list.size() - 1) + " more)" : "");
}

BatchStatus read_batch(const Json& batch) {
  BatchStatus status;
  status.id = string_at(batch, "id");
  status.status = string_at(batch, "status");
  if (status.id.empty() || status.status.empty())
    throw Error(ErrorKind::kService, "the service's reply is no batch: " + read_error(batch).message);
  status.input_file_id = string_at(batch, "input_file_id");
  status.output_file_id = string_at(batch, "output_file_id");
  status.error_file_id = string_at(batch, "error_file_id");
  status.errors = errors_of(batch);
  const Json counts = batch.value("request_counts", Json::object());
  if (counts.is_object()) {
    status.total = count_at(counts, "total");
    status.completed = count_at(counts, "completed");
    status.failed = count_at(counts, "failed");
  }
  return status;
}

Json object_of(const HttpRequest& request, const HttpResponse& response) {
  Json body = parse_json_or_discarded(response.body);
  if (!body.is_object())
    throw Error(ErrorKind::kService, origin_of(request.url) + ": the service's reply is no JSON object");
  return body;
}

}  // namespace

bool BatchStatus::is_over() const {
  return status == "completed" || status == "failed" || status == "expired" || status == "cancelled";
}

BatchService::BatchService(const LlmOptions& options)
    : options_(options), base_url_(service_url(options)), transport_(Secret::from_environment(), 4) {}

HttpRequest BatchService::request_to(const std::string& path) const {
  HttpRequest request;
  request.url = join_url(base_url_, path);
  request.timeout = milliseconds(std::llround(options_.timeout_s * 1e3));
  return request;
}

HttpResponse BatchService::exchange(const HttpRequest& request) {
  std::optional<HttpResponse> received;
  transport_.start(0, request);
  while (!received) {
    throw_if_stopped();
    transport_.wait(milliseconds(200), [&](std::uint64_t, HttpResponse&& response) { received = std::move(response); });
  }
  if (received->failure == TransportFailure::kNotSaved) throw output_error(request.save_to.string(), received->error);
  return *std::move(received);
}

std::optional<HttpResponse> BatchService::call(const HttpRequest& request, bool repeatable, Missing missing) {
  for (std::uint64_t tries = 0;; ++tries) {
    HttpResponse received = exchange(request);
    const Verdict verdict = judge_call(received, unix_seconds());
    if (verdict.kind == VerdictKind::kAnswer) return received;
    if (missing == Missing::kIsNothing && is_gone(received)) return std::nullopt;
    const bool transient = verdict.kind == VerdictKind::kTryAgain || verdict.kind == VerdictKind::kRateLimited;
    const bool again = transient && (repeatable || !verdict.perhaps_done) && tries + 1 < kMostTries;
    const double wait_s = verdict.wait_s.value_or(0);
    if (!again || wait_s > kLongestWaitS)
      throw Error(ErrorKind::kService, origin_of(request.url) + ": " + verdict.message);
    pause(wait_s + backoff_.next_s(tries));
  }
}

// With a wrong address or key everything is gone: then nothing is, as the list of batches shows.
bool BatchService::is_gone(const HttpResponse& response) {
  if (response.failure != TransportFailure::kNone) return false;
  if (response.status != 403 && response.status != 404 && response.status != 410) return false;
  HttpRequest request = request_to("/batches");
  request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + std::string("limit=1");
  return judge_call(exchange(request), unix_seconds()).kind == VerdictKind::kAnswer;
}

Json BatchService::call_json(const HttpRequest& request) {
  return object_of(request, call(request, true, Missing::kIsAnError).value());
}

std::string BatchService::upload(const std::filesystem::path& file) {
  HttpRequest request = request_to("/files");
  request.upload = file;
  request.upload_purpose = "batch";
  request.timeout = milliseconds(std::llround(std::max(options_.timeout_s, kFileTimeoutS) * 1e3));
  const Json reply = call_json(request);  // a file uploaded twice costs nothing
  std::string id = string_at(reply, "id");
  if (id.empty()) throw Error(ErrorKind::kService, "the service took the file and gave it no id");
  return id;
}

std::optional<BatchStatus> BatchService::create(const std::string& input_file_id) {
  HttpRequest request = request_to("/batches");
  request.json =
      Json{{"input_file_id", input_file_id}, {"endpoint", "/v1/chat/completions"}, {"completion_window", "24h"}}.dump();
  const auto reply = call(request, false, Missing::kIsNothing);  // two batches of one file would cost twice
  if (!reply) return std::nullopt;
  return read_batch(object_of(request, *reply));
}

std::optional<BatchStatus> BatchService::find(const std::string& input_file_id) {
  std::string after;
  for (int page = 0; page < kPagesOfBatches; ++page) {
    HttpRequest request = request_to("/batches");
    request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + std::string("limit=100") +
                   (after.empty() ? "" : "&after=" + after);
    const Json list = call_json(request);
    const Json data = list.value("data", Json::array());
    for (const auto& batch : data)
      if (string_at(batch, "input_file_id") == input_file_id) return read_batch(batch);
    if (data.empty() || list.value("has_more", Json(false)) != Json(true)) break;
    after = string_at(data.back(), "id");
  }
  return std::nullopt;
}

std::optional<BatchStatus> BatchService::get(const std::string& batch_id) {
  const HttpRequest request = request_to("/batches/" + batch_id);
  const auto reply = call(request, true, Missing::kIsNothing);
  if (!reply) return std::nullopt;
  return read_batch(object_of(request, *reply));
}

bool BatchService::download(const std::string& file_id, const std::filesystem::path& to) {
  HttpRequest request = request_to("/files/" + file_id + "/content");
  request.save_to = to;
  request.timeout = milliseconds(std::llround(std::max(options_.timeout_s, kFileTimeoutS) * 1e3));
  return call(request, true, Missing::kIsNothing).has_value();
}

void BatchService::pause(double seconds) {
  const double end_s = steady_seconds() + seconds;
  while (steady_seconds() < end_s) {
    throw_if_stopped();
    std::this_thread::sleep_for(milliseconds(50));
  }
}

}  // namespace persona4rec
