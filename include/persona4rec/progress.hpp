// How a library reports that work goes on; the command line turns it into a bar or a line now and then on stderr.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace persona4rec {

struct ProgressUpdate {
  std::string what;         // what is counted: "reviews", "texts", "epochs"
  std::uint64_t done = 0;   // units done
  std::uint64_t total = 0;  // 0 = not known
  double share = 0;         // of the work, where units differ in what they cost; 0 = done of total
  std::string detail;       // free text after the counts ("loss 3.21"); empty = none
};

// Called from the thread that runs the stage, often; must be cheap and must not throw. May be empty (= silent).
using ProgressFn = std::function<void(const ProgressUpdate&)>;

}  // namespace persona4rec
