#include "train/encoder/profile_tensors.hpp"

#include <ATen/ATen.h>

#include "train/batch_slopes.hpp"
#include "train/tensors.hpp"

namespace persona4rec {
namespace {

// norm(sum of the owner's entries + fixed)
at::Tensor summed(const ProfileEntries& entries, const BatchPlan& plan, std::span<const float> fixed,
                  const at::Tensor& x) {
  const auto device = x.device();
  const auto d = signed_size(plan.dimensions);
  const auto count = signed_size(entries.text.size());
  // A row of zeros behind the last text stands for the texts that are not there.
  const auto with_none = at::cat({x, at::zeros({1, d}, x.options())});
  auto index = index_tensor(entries.text);
  index.masked_fill_(index.eq(std::int64_t{kNoText}), x.size(0));
  auto vectors = with_none.index_select(0, index.to(device));  // [entries, d]
  if (!entries.fixed.empty()) {
    vectors = unit_rows(vectors + matrix_tensor(entries.fixed, entries.text.size(), plan.dimensions).to(device));
  }
  const auto weights = at::from_blob(const_cast<float*>(entries.weight.data()), {count, 1}, at::kFloat).to(device);
  auto sums = fixed.empty() ? at::zeros({signed_size(plan.size), d}, x.options())
                            : matrix_tensor(fixed, plan.size, plan.dimensions).to(device);
  return unit_rows(sums.index_add(0, index_tensor(entries.owner).to(device), vectors * weights));
}

}  // namespace

BatchSides batch_sides(const BatchPlan& plan, const at::Tensor& vectors, const TextMeans& means) {
  const auto interactions = signed_size(plan.texts.size() - plan.persona_texts);
  const auto x = at::cat({unit_rows(vectors.narrow(0, 0, interactions) - means.interaction),
                          unit_rows(vectors.narrow(0, interactions, signed_size(plan.persona_texts)) - means.persona)});
  return {.users = summed(plan.users, plan, {}, x), .personas = summed(plan.personas, plan, plan.personas_fixed, x)};
}

}  // namespace persona4rec
