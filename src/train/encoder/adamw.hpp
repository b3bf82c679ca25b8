// AdamW (Loshchilov, Hutter 2019) over tensors in groups, by LibTorch's fused kernel: beta 0.9 and 0.999, eps 1e-8.
// Thread-safety: one object, one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace persona4rec {

struct ParameterGroup {
  std::vector<std::string> names;      // unique over all groups
  std::vector<at::Tensor> parameters;  // f32 leaves with gradients, of one device
  double weight_decay = 0;
};

class AdamW {
 public:
  explicit AdamW(std::vector<ParameterGroup> groups);

  // rates: one a group. A parameter without a gradient is left alone.
  void step(const std::vector<double>& rates);
  void clear_gradients();

  // Factor that brings the gradients' length, over all groups, to at most `longest`; scales them by it. Returns the
  // length before.
  double clip(double longest);
  [[nodiscard]] std::vector<at::Tensor> gradients() const;  // those that are there, in the order of the groups

  // Parameters, moments and step counts by name ("weights/NAME", "first/NAME", "second/NAME", "steps/NAME"), as they
  // are: a later step changes them.
  [[nodiscard]] std::map<std::string, at::Tensor> state() const;

 private:
  struct Moments {
    at::Tensor first;
    at::Tensor second;
    at::Tensor steps;  // a number
  };

  std::vector<ParameterGroup> groups_;
  std::vector<std::vector<Moments>> moments_;
};

}  // namespace persona4rec
