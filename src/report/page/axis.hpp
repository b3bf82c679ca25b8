// Axes of charts: round ticks, and from values to places. Thread-safe.
#pragma once

#include <string>
#include <vector>

namespace persona4rec {

// Multiples of 1, 2 or 5 times a power of ten, about `count` of them, the first at or below `low`, the last at or above
// `high`. REQUIRES: low <= high, both finite.
[[nodiscard]] std::vector<double> round_ticks(double low, double high, int count);
// 1, 2, 5, 10, 20, 50, ... from low to high, both included. REQUIRES: 0 < low <= high.
[[nodiscard]] std::vector<double> log_ticks(double low, double high);

// As short as the step allows: "0.05", "20", "1,500".
[[nodiscard]] std::string tick_text(double value, double step);

// A coordinate of SVG, with one digit behind the point where it needs one.
[[nodiscard]] std::string coordinate(double value);

struct Axis {
  double low = 0;  // values at the two ends
  double high = 1;
  double from = 0;  // places at the two ends
  double to = 1;
  bool logarithmic = false;

  [[nodiscard]] double at(double value) const;
};

}  // namespace persona4rec
