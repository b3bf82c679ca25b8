// Figures that the report draws and eval's table does not have. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "persona4rec/eval.hpp"
#include "persona4rec/report.hpp"

namespace persona4rec {

// A mean over users and where it lies with the given confidence: mean -+ z standard errors (docs/report.md), to be
// drawn not beyond the users' own values. NaN where undefined.
struct MeanFigure {
  double mean = kNoBound;
  double half = kNoBound;  // z standard errors
  double low = kNoBound;
  double high = kNoBound;
};
[[nodiscard]] MeanFigure mean_figure(const std::vector<double>& values, double confidence);

// Of one metric (its place in the report's metrics) over a group of users.
[[nodiscard]] MeanFigure metric_figure(const EvalReport& report, std::size_t file, std::size_t metric,
                                       std::span<const std::uint32_t> users);

// HIT or NDCG at any k by the place of the first true item; NDCG so only where every user has one true item.
[[nodiscard]] MeanFigure rank_figure(const EvalReport& report, std::size_t file, const Metric& metric);

// NDCG@10 where it was asked for, else another NDCG, else the first metric.
[[nodiscard]] std::size_t headline_metric(const EvalReport& report);

// Users who have the true item in both files: how many places it went up (positive) or down, by user.
struct Movement {
  std::vector<std::int64_t> places;
  std::uint64_t entered = 0;  // in the second list alone
  std::uint64_t left = 0;     // in the first list alone
  std::uint64_t absent = 0;   // in neither
};
[[nodiscard]] Movement rank_movement(const EvalFile& first, const EvalFile& second);

// The colour of a file in every chart: the quiet one for what the others are compared with.
[[nodiscard]] std::size_t file_color(const EvalReport& report, std::size_t file);

}  // namespace persona4rec
