// Requests that came to nothing, and of which nobody can say yet whether they or the service are to blame. The next
// answer to another request shows that it was them: then they are set aside. Too many in a row, and it is the service:
// then the run ends and they stay open. Thread-safety: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "llm/http/job_queue.hpp"

namespace persona4rec {

enum class HoldReason : std::uint8_t {
  kRefused,    // in every form, and nothing was answered in any of them yet
  kForbidden,  // 403 that names no filter
  kFailed,     // too many 5xx, timeouts or replies without an answer
  kThought,    // all its tokens went into thinking
};

class HeldJobs {
 public:
  struct Held {
    JobId id = 0;
    HoldReason why = HoldReason::kFailed;
    std::string message;  // the service's words
  };

  void add(Held held) { held_.push_back(std::move(held)); }
  // Why the run cannot go on; empty while it can. `answered`: the service has answered requests like these.
  [[nodiscard]] std::string end_of_run(bool answered) const;
  // The same, when nothing else is left to ask.
  [[nodiscard]] std::string end_of_rest(bool answered) const;
  [[nodiscard]] std::vector<Held> take_all();
  [[nodiscard]] std::size_t size() const { return held_.size(); }

 private:
  std::vector<Held> held_;
};

}  // namespace persona4rec
