// The service's side of batches: files up, batches created and watched, files down
// (https://platform.openai.com/docs/api-reference/batch). One request at a time, with the retries of retry.hpp.
// Throws Error kService (the service's own words), kOutput (a download that cannot be saved), kSignal.
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "llm/http/retry.hpp"
#include "llm/transport/transport.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

struct BatchStatus {
  std::string id;
  std::string status;  // "validating", "in_progress", "completed", "expired", ...
  std::string input_file_id;
  std::string output_file_id;  // empty: none (null and "" both occur)
  std::string error_file_id;   // empty: none
  std::string errors;          // why the whole batch failed
  std::uint64_t total = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;

  // No more answers will come. What has come is paid for, whatever the status.
  [[nodiscard]] bool is_over() const;
};

class BatchService {
 public:
  explicit BatchService(const LlmOptions& options);

  // Returns the id of the uploaded file.
  [[nodiscard]] std::string upload(const std::filesystem::path& file);
  // Nothing: the service does not have the file (any more).
  [[nodiscard]] std::optional<BatchStatus> create(const std::string& input_file_id);
  // A batch made from this file earlier, by a run that was killed before it could note it down.
  [[nodiscard]] std::optional<BatchStatus> find(const std::string& input_file_id);
  // Nothing: the service does not have the batch (any more), or it belongs to another account.
  [[nodiscard]] std::optional<BatchStatus> get(const std::string& batch_id);
  // False: the same of a file.
  [[nodiscard]] bool download(const std::string& file_id, const std::filesystem::path& to);
  // Sleeps, and throws when a signal comes.
  static void pause(double seconds);

 private:
  enum class Missing : std::uint8_t { kIsAnError, kIsNothing };

  // Nothing: what the request names is gone, though the service itself is there. Throws otherwise.
  [[nodiscard]] std::optional<HttpResponse> call(const HttpRequest& request, bool repeatable, Missing missing);
  [[nodiscard]] Json call_json(const HttpRequest& request);
  [[nodiscard]] HttpResponse exchange(const HttpRequest& request);
  [[nodiscard]] bool is_gone(const HttpResponse& response);
  [[nodiscard]] HttpRequest request_to(const std::string& path) const;

  LlmOptions options_;
  std::string base_url_;
  Transport transport_;
  Backoff backoff_;
};

}  // namespace persona4rec
