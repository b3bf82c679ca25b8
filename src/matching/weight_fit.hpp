// Fits the weights of the channels on lists whose right answer is known (docs/method.md, 7.1 Objective): minimise
//
//   mean over lists of [ logsumexp_c(w . f_c) - w . f_target ]  +  l2 * |w|^2        inside a box
//
// f_c are the z values of candidate c. The objective is convex; Newton steps on its quadratic model inside the box,
// with backtracking, so the result does not depend on the start. Deterministic, one thread. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persona4rec {

inline constexpr double kFitL2 = 0.001;

class FitData {
 public:
  explicit FitData(std::size_t channels) : channels_(channels) {}

  // Begins a list whose right answer is its candidate number `target`.
  void begin_list(std::size_t target) {
    targets_.push_back(target);
    begin_.push_back(begin_.back());
  }
  // Appends a candidate to the list begun last. REQUIRES: `z` holds `channels` values.
  void add_candidate(const double* z) {
    values_.insert(values_.end(), z, z + channels_);
    ++begin_.back();
  }
  [[nodiscard]] std::size_t lists() const { return targets_.size(); }
  [[nodiscard]] std::size_t channels() const { return channels_; }
  [[nodiscard]] std::size_t list_size(std::size_t list) const { return begin_[list + 1] - begin_[list]; }
  [[nodiscard]] std::size_t target(std::size_t list) const { return targets_[list]; }
  [[nodiscard]] const double* candidate(std::size_t list, std::size_t i) const {
    return values_.data() + (begin_[list] + i) * channels_;
  }

 private:
  std::size_t channels_;
  std::vector<double> values_;            // [candidates, channels]
  std::vector<std::size_t> begin_ = {0};  // [lists + 1]
  std::vector<std::size_t> targets_;      // [lists] position inside the list
};

struct FitBox {
  std::vector<double> lower;  // [channels]
  std::vector<double> upper;  // [channels]; a channel with lower == upper keeps that weight
};

struct FitResult {
  std::vector<double> weights;
  double loss = 0;        // of the weights
  double start_loss = 0;  // of the start
  std::size_t steps = 0;
};

// The objective at `weights`. REQUIRES: at least one list.
[[nodiscard]] double fit_loss(const FitData& data, const std::vector<double>& weights, double l2);

// REQUIRES: at least one list; every target < its list's size; start inside the box.
[[nodiscard]] FitResult fit_weights(const FitData& data, std::vector<double> start, const FitBox& box,
                                    double l2 = kFitL2);

}  // namespace persona4rec
