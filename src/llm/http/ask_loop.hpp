// The event loop of `--llm http`: one thread that pulls requests, keeps as many under way as service, limits and budget
// allow, judges replies, and hands outcomes to the reply store.
//
// One request never ends a run in which others are answered, nor changes how they are asked: what is wrong with it
// alone is tried in a weaker form or again, and set aside. What concerns the run ends it, with the service's own words.
//
// Nothing blocks it but its own wait. Memory: the requests under way or waiting for a retry, at most four times the
// concurrency (and a few in an outage), whatever the number of requests. Thread-safety: one object, one thread.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <unordered_set>

#include "llm/http/ask_progress.hpp"
#include "llm/http/chat_service.hpp"
#include "llm/http/held_jobs.hpp"
#include "llm/http/job_queue.hpp"
#include "llm/http/keys_under_way.hpp"
#include "llm/http/retry.hpp"
#include "llm/http/throttle.hpp"
#include "llm/http/verdict.hpp"
#include "llm/money/account.hpp"
#include "llm/store/answer_book.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

class AskLoop {
 public:
  // REQUIRES: everything outlives the loop; `book` looks into `store`.
  AskLoop(const LlmOptions& options, ReplyStore& store, AnswerBook& book, ChatService& service, Account& account);

  // Returns when every request has an outcome. Whatever ends it early (a signal, a wrong key, the budget, an error of
  // the stream), answers that are under way get a moment to arrive, and everything that arrived is kept. `expected`:
  // how many requests there are, for the progress; 0 = not known. REQUIRES: called once.
  void run(const RequestStream& requests, std::uint64_t expected);

 private:
  void send_what_may_go();
  [[nodiscard]] std::optional<JobId> pull();
  void meet_stage(const std::string& stage);
  void send(JobId id, Job& job, const TokenUse& most);

  void on_response(JobId id, HttpResponse&& response);
  void settle(Job& job, const Verdict& verdict);
  void on_answer(JobId id, Job& job, Verdict& verdict);
  void on_no_answer(JobId id, Job& job, const Verdict& verdict);
  void on_failure(JobId id, Job& job, const Verdict& verdict);
  void on_rate_limit(JobId id, Job& job, const Verdict& verdict);
  void on_refused(JobId id, Job& job, const Verdict& verdict);
  void on_forbidden(JobId id, Job& job, const Verdict& verdict);
  void on_set_aside(JobId id, const Verdict& verdict);
  void on_moved(JobId id, const Job& job, const HttpResponse& response);
  void retry_later(JobId id, Job& job, const Verdict& verdict);
  void give_up(JobId id, const Job& job, const Verdict& verdict);
  [[nodiscard]] bool is_limited_alone(const Job& job, double now_s) const;
  void hold(JobId id, HoldReason why, const std::string& message);
  void set_aside_held();
  void settle_the_rest();
  void set_aside(JobId id, std::string reason);
  void finish(JobId id);

  [[nodiscard]] bool others_fare_better(const Job& job) const {
    return job.troubles.are_its_own(throttle_.breaker().last_success_s());
  }
  // Whether the service has ever answered requests like these, in this run or an earlier one.
  [[nodiscard]] bool is_known_service() const { return answered_ || answered_before_; }
  void check_rejects(std::uint64_t to_come, const std::string& last_reason);
  [[nodiscard]] bool is_done() const { return source_ended_ && jobs_.size() == 0; }
  [[nodiscard]] bool may_pull() const;
  [[nodiscard]] std::chrono::milliseconds pause(double now_s);
  void tick(std::chrono::milliseconds timeout);
  void drain();
  void stop_with(const std::string& message);
  template <class Reason>
  void stop_with(const Reason& reason)
    requires std::derived_from<Reason, Error>
  {
    if (!fatal_) fatal_ = std::make_exception_ptr(reason);
  }
  void check_outage(const std::string& last_error);
  void report(bool last);

  const LlmOptions& options_;
  ReplyStore& store_;
  AnswerBook& book_;
  ChatService& service_;
  Account& account_;

  const RequestStream* requests_ = nullptr;
  bool source_ended_ = false;
  bool more_to_pull_ = false;  // pulling stopped only to let the loop breathe
  std::exception_ptr fatal_;

  JobQueue jobs_;
  HeldJobs held_;
  KeysUnderWay keys_;

  Throttle throttle_;
  Backoff backoff_;
  AskProgress progress_;
  double tokens_per_byte_ = 0.3;  // of prompts; learned from what the service reports
  std::string last_stage_;
  bool answered_ = false;
  bool answered_before_ = false;
  std::uint64_t refusals_in_a_row_ = 0;       // of requests as such: too long, filtered
  std::unordered_set<JobId> without_answer_;  // requests whose replies had none, in a row
  std::uint64_t done_ = 0;                    // uncommitted ones too
};

}  // namespace persona4rec
