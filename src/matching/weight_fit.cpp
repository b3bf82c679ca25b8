#include "matching/weight_fit.hpp"

#include <algorithm>
#include <cmath>

namespace persona4rec {
namespace {

constexpr std::size_t kMaxSteps = 100;
constexpr std::size_t kModelSweeps = 200;  // coordinate sweeps over the quadratic model of at most a few channels
constexpr double kSmallestGain = 1e-13;    // expected decrease below which the optimum is reached
constexpr double kSufficientShare = 1e-4;  // Armijo condition
constexpr std::size_t kMaxHalvings = 40;

double product(const double* z, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t c = 0; c < weights.size(); ++c) sum += z[c] * weights[c];
  return sum;
}

// Softmax of a list's scores, in place; returns log of the sum of exponentials.
double softmax(std::vector<double>& scores) {
  const double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += (score = std::exp(score - top));
  for (double& score : scores) score /= sum;
  return top + std::log(sum);
}

// Value, gradient and Hessian at one point.
struct Model {
  double loss = 0;
  std::vector<double> gradient;  // [channels]
  std::vector<double> hessian;   // [channels, channels]
};

void add_list(const FitData& data, std::size_t list, const std::vector<double>& weights, Model& model) {
  const std::size_t channels = weights.size();
  std::vector<double> p(data.list_size(list));
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = product(data.candidate(list, i), weights);
  const double* target = data.candidate(list, data.target(list));
  model.loss += softmax(p) - product(target, weights);
  std::vector<double> mean(channels, 0.0);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double* z = data.candidate(list, i);
    for (std::size_t c = 0; c < channels; ++c) mean[c] += p[i] * z[c];
  }
  for (std::size_t c = 0; c < channels; ++c) model.gradient[c] += mean[c] - target[c];
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double* z = data.candidate(list, i);
    for (std::size_t a = 0; a < channels; ++a) {
      for (std::size_t b = 0; b < channels; ++b) {
        model.hessian[a * channels + b] += p[i] * (z[a] - mean[a]) * (z[b] - mean[b]);
      }
    }
  }
}

Model model_at(const FitData& data, const std::vector<double>& weights, double l2) {
  const std::size_t channels = weights.size();
  Model model{.gradient = std::vector<double>(channels), .hessian = std::vector<double>(channels * channels)};
  for (std::size_t list = 0; list < data.lists(); ++list) add_list(data, list, weights, model);
  const auto n = static_cast<double>(data.lists());
  model.loss /= n;
  for (double& value : model.gradient) value /= n;
  for (double& value : model.hessian) value /= n;
  for (std::size_t c = 0; c < channels; ++c) {
    model.loss += l2 * weights[c] * weights[c];
    model.gradient[c] += 2 * l2 * weights[c];
    model.hessian[c * channels + c] += 2 * l2;
  }
  return model;
}

// The step that minimises the quadratic model inside the box, by cyclic coordinate descent.
std::vector<double> model_step(const Model& model, const std::vector<double>& weights, const FitBox& box) {
  const std::size_t channels = weights.size();
  std::vector<double> step(channels, 0.0);
  for (std::size_t sweep = 0; sweep < kModelSweeps; ++sweep) {
    for (std::size_t c = 0; c < channels; ++c) {
      const double curvature = model.hessian[c * channels + c];
      if (curvature <= 0) continue;  // flat channel without l2: leave it
      double slope = model.gradient[c];
      for (std::size_t b = 0; b < channels; ++b) slope += model.hessian[c * channels + b] * step[b];
      step[c] = std::clamp(step[c] - slope / curvature, box.lower[c] - weights[c], box.upper[c] - weights[c]);
    }
  }
  return step;
}

}  // namespace

double fit_loss(const FitData& data, const std::vector<double>& weights, double l2) {
  return model_at(data, weights, l2).loss;
}

FitResult fit_weights(const FitData& data, std::vector<double> start, const FitBox& box, double l2) {
  FitResult result{.weights = std::move(start)};
  auto& weights = result.weights;
  Model model = model_at(data, weights, l2);
  result.start_loss = model.loss;
  for (; result.steps < kMaxSteps; ++result.steps) {
    const auto step = model_step(model, weights, box);
    const double slope = product(step.data(), model.gradient);
    if (-slope < kSmallestGain) break;
    double length = 1;
    auto next = weights;
    double loss = model.loss;
    for (std::size_t halving = 0; halving < kMaxHalvings; ++halving, length /= 2) {
      for (std::size_t c = 0; c < weights.size(); ++c) next[c] = weights[c] + length * step[c];
      loss = fit_loss(data, next, l2);
      if (loss <= model.loss + kSufficientShare * length * slope) break;
    }
    if (!(loss < model.loss)) break;
    weights = next;
    model = model_at(data, weights, l2);
  }
  result.loss = model.loss;
  return result;
}

}  // namespace persona4rec
