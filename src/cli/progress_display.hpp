// Shows ProgressUpdates on stderr: one line that is drawn over on a terminal, else a line now and then, without the
// bar.
//
//   reviews  [############--------]  4,210 / 6,908  61 %  1,234/s  2 s left  loss 3.21
//
// Time is handed in, so that tests need no clock. Thread-safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "persona4rec/progress.hpp"

namespace persona4rec {

struct ProgressDisplayOptions {
  bool bar = false;          // draw over one line
  double bar_every_s = 0.1;  // at most one drawing in so many seconds, > 0
  double line_every_s = 10;  // without a bar: one line in so many seconds, > 0
  std::size_t width = 100;   // columns of the bar's line, which is cut there
};

class ProgressDisplay {
 public:
  using Write = std::function<void(std::string_view)>;
  using Clock = std::function<double()>;  // seconds since some point

  ProgressDisplay(const ProgressDisplayOptions& options, Write write, Clock clock);

  void update(const ProgressUpdate& update);
  // Ends what is counted now: takes the bar away, or writes the last line where lines have been written. Idempotent.
  void finish();

 private:
  void begin(const ProgressUpdate& update, double now);
  [[nodiscard]] std::string text(double now) const;

  ProgressDisplayOptions options_;
  Write write_;
  Clock clock_;
  ProgressUpdate last_;
  // Where this run began counting: a resumed stage does not start at 0.
  std::uint64_t first_done_ = 0;
  double first_share_ = 0;
  double started_s_ = 0;
  double shown_s_ = 0;
  bool shown_ = false;  // something of this count has been shown
};

}  // namespace persona4rec
