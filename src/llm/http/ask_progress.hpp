// What a long run says about itself beside done and total (rate and time left are the display's affair): tokens, cost,
// retries, rejects. Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <utility>

#include "persona4rec/chat_client.hpp"
#include "persona4rec/progress.hpp"

namespace persona4rec {

class AskProgress {
 public:
  explicit AskProgress(ProgressFn report) : report_(std::move(report)) {}

  // How many requests there are; 0 = not known.
  void expect(std::uint64_t total) { total_ = total; }

  // Reports four times a second, and when `last`.
  void update(std::uint64_t done, const ChatTotals& totals, double now_s, bool last);

 private:
  ProgressFn report_;
  std::uint64_t total_ = 0;
  double last_s_ = 0;
};

}  // namespace persona4rec
