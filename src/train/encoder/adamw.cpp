#include "train/encoder/adamw.hpp"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

namespace persona4rec {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

AdamW::AdamW(std::vector<ParameterGroup> groups) : groups_(std::move(groups)) {
  for (const auto& group : groups_) {
    auto& moments = moments_.emplace_back();
    for (const auto& parameter : group.parameters) {
      moments.push_back({.first = at::zeros_like(parameter.detach()),
                         .second = at::zeros_like(parameter.detach()),
                         .steps = at::zeros({}, parameter.detach().options())});
    }
  }
}

void AdamW::step(const std::vector<double>& rates) {
  const at::NoGradGuard no_grad;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    std::vector<at::Tensor> weights;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> first;
    std::vector<at::Tensor> second;
    std::vector<at::Tensor> steps;
    for (std::size_t i = 0; i < groups_[g].parameters.size(); ++i) {
      const auto& parameter = groups_[g].parameters[i];
      if (!parameter.grad().defined()) continue;
      weights.push_back(parameter.detach());
      gradients.push_back(parameter.grad());
      first.push_back(moments_[g][i].first);
      second.push_back(moments_[g][i].second);
      steps.push_back(moments_[g][i].steps);
    }
    if (weights.empty()) continue;
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(weights, gradients, first, second, {}, steps, rates[g], kBeta1, kBeta2, groups_[g].weight_decay,
                      kEpsilon, false, false);
  }
}

void AdamW::clear_gradients() {
  for (auto& group : groups_) {
    for (auto& parameter : group.parameters) parameter.mutable_grad().reset();
  }
}

std::vector<at::Tensor> AdamW::gradients() const {
  std::vector<at::Tensor> out;
  for (const auto& group : groups_) {
    for (const auto& parameter : group.parameters) {
      if (parameter.grad().defined()) out.push_back(parameter.grad());
    }
  }
  return out;
}

double AdamW::clip(double longest) {
  const at::NoGradGuard no_grad;
  const auto all = gradients();
  if (all.empty()) return 0;
  const double length = at::stack(at::_foreach_norm(all)).norm().item<double>();
  if (longest > 0 && length > longest) at::_foreach_mul_(all, longest / (length + 1e-6));
  return length;
}

std::map<std::string, at::Tensor> AdamW::state() const {
  std::map<std::string, at::Tensor> out;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    for (std::size_t i = 0; i < groups_[g].parameters.size(); ++i) {
      const auto& name = groups_[g].names[i];
      out.emplace("weights/" + name, groups_[g].parameters[i].detach());
      out.emplace("first/" + name, moments_[g][i].first);
      out.emplace("second/" + name, moments_[g][i].second);
      out.emplace("steps/" + name, moments_[g][i].steps);
    }
  }
  return out;
}

}  // namespace persona4rec
