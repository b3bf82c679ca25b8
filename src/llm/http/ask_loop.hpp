// The event loop of `--llm http`: one thread that pulls requests, keeps as many under way as service, limits and budget
// allow, judges replies, and hands outcomes to the reply store.
//
// Nothing blocks it but its own wait. Memory: the requests under way or waiting for a retry, at most four times the
// concurrency, whatever the number of requests. Thread-safety: one object, one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "llm/http/ask_progress.hpp"
#include "llm/http/retry.hpp"
#include "llm/http/throttle.hpp"
#include "llm/http/transport.hpp"
#include "llm/http/verdict.hpp"
#include "llm/money/budget.hpp"
#include "llm/store/answer_book.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

struct StageSpend {
  Spend row;
  TokenUse unsettled;  // reserved for what is in flight or ended without an answer
};

// The client's parts, which last from one ask() to the next.
struct Asking {
  const LlmOptions& options;
  ReplyStore& store;
  AnswerBook& book;
  Transport& transport;
  Budget& budget;
  std::string url;  // of chat completions; a redirect on the same host moves it
  ServerForm form{};
  ChatTotals totals{};
  std::map<std::string, StageSpend> spend{};  // by stage
  std::uint64_t expected = 0;                 // requests of this ask(); 0 = not known
};

class AskLoop {
 public:
  explicit AskLoop(Asking& asking);

  // Returns when every request has an outcome. Whatever ends it early (a signal, a wrong key, the budget, an error of
  // the stream), answers that are under way get a moment to arrive, and everything that arrived is kept.
  void run(const RequestStream& requests);

 private:
  struct Job {
    ChatRequest request;
    std::string key;
    Attempt attempt;
    Reply so_far;  // replies judged before: attempts, use, cost
    std::uint64_t sent = 0;
    std::uint64_t delays = 0;    // failures in a row, for the backoff
    std::uint64_t failures = 0;  // without a reply to judge, while the service was well
    std::uint64_t timeouts = 0;
    // Of the try under way:
    ServerForm form;
    TokenUse reserved;
    double pace_tokens = 0;
    std::uint64_t generation = 0;
  };
  using JobId = std::uint64_t;
  using DueJob = std::pair<double, JobId>;

  void send_what_may_go();
  [[nodiscard]] std::optional<JobId> next_job(double now_s);
  [[nodiscard]] std::optional<JobId> pull();
  void send(JobId id, Job& job, const TokenUse& most);
  [[nodiscard]] TokenUse most_tokens(const Job& job) const;

  void on_response(JobId id, HttpResponse&& response);
  void settle(Job& job, const Verdict& verdict);
  void on_answer(JobId id, Job& job, Verdict& verdict);
  void on_failure(JobId id, Job& job, const Verdict& verdict);
  void on_rate_limit(JobId id, Job& job, const Verdict& verdict);
  void on_refused(JobId id, const Job& job, const Verdict& verdict);
  void on_set_aside(JobId id, const Verdict& verdict);
  void on_moved(JobId id, const HttpResponse& response);
  void retry_later(JobId id, Job& job, const Verdict& verdict);
  void set_aside(JobId id, std::string reason);
  void finish(JobId id, Reply&& reply);

  [[nodiscard]] bool is_done() const;
  [[nodiscard]] std::chrono::milliseconds pause(double now_s);
  void tick(std::chrono::milliseconds timeout);
  void forget_committed();
  void drain();
  void abandon_what_is_left();
  void stop_with(std::string message);
  void check_outage(const std::string& last_error);
  void put_spend();
  void report(bool last);

  Asking& asking_;
  const LlmOptions& options_;
  const RequestStream* requests_ = nullptr;
  bool source_ended_ = false;
  bool more_to_pull_ = false;  // pulling stopped only to let the loop breathe
  std::exception_ptr fatal_;

  std::unordered_map<JobId, Job> jobs_;
  JobId last_id_ = 0;
  std::deque<JobId> ready_;
  std::priority_queue<DueJob, std::vector<DueJob>, std::greater<>> waiting_;
  std::unordered_set<std::string> known_keys_;  // of jobs, and of outcomes that are not on the disk yet
  std::deque<std::pair<std::uint64_t, std::string>> uncommitted_;  // row number and key
  bool spend_changed_ = false;

  Throttle throttle_;
  Backoff backoff_;
  AskProgress progress_;
  double tokens_per_byte_ = 0.3;  // of prompts; learned from what the service reports
  std::uint64_t redirects_ = 0;
  std::uint64_t refusals_in_a_row_ = 0;  // of requests as such: too long, filtered
  std::string first_refusal_;
  std::uint64_t done_ = 0;  // uncommitted ones too
};

}  // namespace persona4rec
