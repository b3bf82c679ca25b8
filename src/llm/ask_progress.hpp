// What a long run says about itself: rows a second, tokens, cost, retries, rejects, time left.
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <string>

#include "persona4rec/chat_client.hpp"
#include "persona4rec/progress.hpp"

namespace persona4rec {

class AskProgress {
 public:
  // `total`: 0 = not known.
  AskProgress(ProgressFn report, std::uint64_t total, double now_s);

  // Reports when it is time to, or when `now` is the end.
  void update(std::uint64_t done, const ChatTotals& totals, double now_s, bool last = false);

 private:
  void measure(std::uint64_t done, double now_s);
  [[nodiscard]] std::string detail(std::uint64_t done, const ChatTotals& totals) const;

  ProgressFn report_;
  std::uint64_t total_;
  double last_s_;
  std::uint64_t last_done_ = 0;
  double rows_per_s_ = 0;  // smoothed
};

// "47 s", "12 min", "3 h 20 min", "2 d 5 h".
[[nodiscard]] std::string time_text(double seconds);

}  // namespace persona4rec
