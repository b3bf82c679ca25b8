// Chooses the weights of the channels by what they are for: NDCG@10 of lists whose right answer is known
// (docs/method.md, 7.1 Objective).
//
//   gain(w)  = mean over lists of NDCG@10 under w - NDCG@10 under the start
//   chosen   = the w of a grid with the largest gain(w) - kCaution * standard error of gain(w)
//
// Where the lists say little, the standard error keeps the start; a channel may end at 0 and the list's own score too.
// Deterministic; `threads` change no result. Thread-safety: re-entrant.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "matching/fit_data.hpp"

namespace persona4rec {

inline constexpr double kCaution = 2;

// The whole range of a channel, and of the list's own score. The order goes by the ratios alone.
inline constexpr std::array<double, 2> kBaseRange = {0, 1};
inline constexpr std::array<double, 9> kWeightRange = {0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5};

// NDCG@10 of each list: of equal scores the candidate that comes first in the list stands first.
[[nodiscard]] std::vector<double> list_ndcg(const FitData& data, const std::vector<double>& weights);

struct MeanDifference {
  double mean = 0;
  double error = 0;  // its standard error
};
// Of values - from, pair by pair; both 0 for no pairs. REQUIRES: equal sizes.
[[nodiscard]] MeanDifference mean_difference(const std::vector<double>& values, const std::vector<double>& from);

struct WeightChoice {
  std::vector<double> weights;
  double ndcg = 0;        // mean over the lists
  double start_ndcg = 0;  // of the start
  double error = 0;       // standard error of their difference
};

// `grid`: for each channel the weights that it may have; the start is tried whatever the grid holds. REQUIRES: at least
// one list.
[[nodiscard]] WeightChoice choose_weights(const FitData& data, const std::vector<double>& start,
                                          const std::vector<std::vector<double>>& grid, std::size_t threads);

// Sets to 0 every weight that moved away from the start and gains nothing to speak of: less than its standard error
// over the same weights without it. The first channel, the list's own score, stays.
void drop_useless(const FitData& data, const std::vector<double>& start, std::vector<double>& weights);

}  // namespace persona4rec
