// The service that answers chat requests, as a client has come to know it: where it is and in which form it takes them.
// Thread-safety: one object, one thread.
#pragma once

#include <string>

#include "llm/http/job_queue.hpp"
#include "llm/http/transport.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

class ChatService {
 public:
  // Throws Error kUsage: the address or the key cannot be used.
  explicit ChatService(const LlmOptions& options);

  [[nodiscard]] Transport& transport() { return transport_; }
  // Host and port, for people.
  [[nodiscard]] std::string origin() const { return origin_of(url_); }
  [[nodiscard]] const ServerForm& form() const { return form_; }

  // Sends a job's next try.
  void start(JobId id, Job& job);

  // The service redirects. Empty, or why it cannot be followed.
  [[nodiscard]] std::string follow(const std::string& target);
  // The service refused a job's form: takes a weaker one for everything that is sent from now on. Empty, or why there
  // is none.
  [[nodiscard]] std::string weaken(const ServerForm& refused, const ServerError& error, const std::string& message);

 private:
  std::string model_;
  std::chrono::milliseconds timeout_;
  Transport transport_;
  std::string url_;  // of chat completions
  ServerForm form_;
  std::string first_refusal_;
  int redirects_ = 0;
};

// The service's address: --llm-base-url, else $OPENAI_BASE_URL, else OpenAI's own.
[[nodiscard]] std::string service_url(const LlmOptions& options);

}  // namespace persona4rec
