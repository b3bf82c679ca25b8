// The service that answers chat requests, as a client has come to know it: where it is and in which form it takes them.
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llm/http/job_queue.hpp"
#include "llm/http/verdict.hpp"
#include "llm/transport/transport.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

enum class AfterRefusal : std::uint8_t {
  kAskAgain,    // in another form
  kSetAside,    // it is the request, in whatever form
  kNoFormLeft,  // that nothing was answered in
};

class ChatService {
 public:
  // Throws Error kUsage: the address or the key cannot be used.
  explicit ChatService(const LlmOptions& options);

  [[nodiscard]] Transport& transport() { return transport_; }
  [[nodiscard]] const Transport& transport() const { return transport_; }
  // Host and port, for people.
  [[nodiscard]] std::string origin() const { return origin_of(url_); }
  [[nodiscard]] const ServerForm& form() const { return form_; }

  // Sends a job's next try.
  void start(JobId id, Job& job);

  // The service redirects a request that was sent to `from`. Empty, or why it cannot be followed.
  [[nodiscard]] std::string follow(const std::string& from, const std::string& target);

  // A request was answered in this form: no refusal takes it away from the run any more.
  void on_answer(const ServerForm& form);
  [[nodiscard]] bool has_won(const ServerForm& form) const;
  // Decides how a refused request is asked next, and in which form all others. A form that has won stays the run's;
  // where earlier runs were answered (`known`), of which nobody noted the form, the first refusal is put down to its
  // request.
  [[nodiscard]] AfterRefusal on_refusal(Job& job, const Verdict& refusal, bool known);
  // What the service said when it was first asked for structured answers, for a message; empty = nothing else.
  [[nodiscard]] std::string first_refusal(const std::string& last) const;

 private:
  // Takes a weaker form for everything that is sent from now on.
  void weaken(const ServerForm& weaker, const std::string& refusal);

  std::string model_;
  std::chrono::milliseconds timeout_;
  Transport transport_;
  std::string url_;  // of chat completions
  AnswerFormat first_format_;
  ServerForm form_;
  std::vector<ServerForm> won_;
  std::string first_refusal_;
  int redirects_ = 0;
  bool doubted_ = false;  // that the first refusal tells something of the form
};

// The service's address: --llm-base-url, else $OPENAI_BASE_URL, else OpenAI's own.
[[nodiscard]] std::string service_url(const LlmOptions& options);

}  // namespace persona4rec
