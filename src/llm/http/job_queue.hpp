// The requests of a run that have no outcome yet: under way, ready to go, or waiting for their next try.
// Thread-safety: one object, one thread. Times: seconds of base/clock.hpp's steady clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "llm/http/chat_format.hpp"
#include "llm/store/answer_book.hpp"
#include "persona4rec/chat_client.hpp"

namespace persona4rec {

using JobId = std::uint64_t;

// What befell one request since its last reply to judge.
struct Troubles {
  std::uint64_t delays = 0;    // in a row, for the backoff
  std::uint64_t failures = 0;  // of the service at this request
  std::uint64_t timeouts = 0;  // of these
  double failing_since_s = 0;  // when the first of them came
  std::uint64_t rate_limits = 0;
  double limited_since_s = 0;  // when the first of them came

  void count_failure(bool timed_out, double now_s) {
    if (failures++ == 0) failing_since_s = now_s;
    if (timed_out) ++timeouts;
  }
  void count_rate_limit(double now_s) {
    if (rate_limits++ == 0) limited_since_s = now_s;
  }
  // Whether others were answered meanwhile. `last_success_s`: when the last was.
  [[nodiscard]] bool are_its_own(double last_success_s) const {
    return failures > 0 && last_success_s > failing_since_s;
  }
};

struct Job {
  ChatRequest request;
  std::string key;
  Standing standing;
  std::uint64_t sent = 0;
  Troubles troubles;
  std::optional<ServerForm> own_form;  // the service refused this request in the form of the run
  bool form_in_doubt = false;          // perhaps it would refuse all in that form
  // Of the try under way:
  ServerForm form;
  std::string url;
  TokenUse reserved;
  double pace_tokens = 0;
  std::uint64_t generation = 0;

  // As the store keeps it.
  [[nodiscard]] ReplyRow row() const {
    return {.key = key, .stage = request.stage, .label = request.label, .reply = standing.reply};
  }
};

class JobQueue {
 public:
  // The new job is neither ready nor waiting: the caller sends it.
  JobId add(Job job);
  [[nodiscard]] Job& at(JobId id) { return jobs_.at(id); }
  Job extract(JobId id);
  void for_each(const std::function<void(JobId, Job&)>& visit);
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }

  void make_ready(JobId id) { ready_.push_back(id); }
  void make_ready_first(JobId id) { ready_.push_front(id); }
  void wait_until(JobId id, double due_s) { waiting_.emplace(due_s, id); }

  // The next job that may go.
  [[nodiscard]] std::optional<JobId> take(double now_s);
  [[nodiscard]] bool has_ready() const { return !ready_.empty(); }
  // When the first of those that wait is due; infinity when none does.
  [[nodiscard]] double due_s() const;

 private:
  using DueJob = std::pair<double, JobId>;

  std::unordered_map<JobId, Job> jobs_;
  JobId last_id_ = 0;
  std::deque<JobId> ready_;
  std::priority_queue<DueJob, std::vector<DueJob>, std::greater<>> waiting_;
};

}  // namespace persona4rec
