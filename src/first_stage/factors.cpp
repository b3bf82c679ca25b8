#include "first_stage/factors.hpp"

#include <cmath>

namespace persona4rec {

FactorRows random_factors(std::size_t rows, std::size_t factors, double deviation, Rng& rng) {
  FactorRows out(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(factors));
  const double half_width = deviation * std::sqrt(3.0);
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    out.data()[i] = static_cast<float>(half_width * (2 * rng.uniform() - 1));
  }
  return out;
}

void score_rows(const FactorRows& items, const Eigen::VectorXf& vector, std::span<double> scores) {
  const Eigen::VectorXf products = items * vector;
  for (std::size_t j = 0; j < scores.size(); ++j) scores[j] = double{products[static_cast<Eigen::Index>(j)]};
}

}  // namespace persona4rec
