#include "llm/http/job_queue.hpp"

#include <limits>

namespace persona4rec {

JobId JobQueue::add(Job job) {
  jobs_.emplace(++last_id_, std::move(job));
  return last_id_;
}

Job JobQueue::extract(JobId id) {
  return std::move(jobs_.extract(id).mapped());
}

void JobQueue::for_each(const std::function<void(JobId, Job&)>& visit) {
  for (auto& [id, job] : jobs_) visit(id, job);
}

std::optional<JobId> JobQueue::take(double now_s) {
  if (ready_.empty() && !waiting_.empty() && waiting_.top().first <= now_s) {
    ready_.push_back(waiting_.top().second);
    waiting_.pop();
  }
  if (ready_.empty()) return std::nullopt;
  const JobId id = ready_.front();
  ready_.pop_front();
  return id;
}

double JobQueue::due_s() const {
  return waiting_.empty() ? std::numeric_limits<double>::infinity() : waiting_.top().first;
}

}  // namespace persona4rec
