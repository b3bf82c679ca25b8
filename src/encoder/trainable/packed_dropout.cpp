#include "encoder/trainable/packed_dropout.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "encoder/trainable/vector_rows.hpp"

namespace persona4rec {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct DropoutContext : torch::CustomClassHolder {
  std::shared_ptr<const BatchLayout> layout;
  DropoutSite site;
};

// [tokens, width] f32: dropout(values) + add (where it is defined).
at::Tensor drop(const at::Tensor& values, const at::Tensor& add, const DropoutContext& what) {
  const at::Tensor out = at::empty_like(values);
  const std::int64_t width = values.size(1);
  const auto* in_data = static_cast<const float*>(values.const_data_ptr());
  const auto* add_data = add.defined() ? static_cast<const float*>(add.const_data_ptr()) : nullptr;
  auto* out_data = static_cast<float*>(out.data_ptr());
  at::parallel_for(0, values.size(0), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      dropout_row(in_data + row * width, add_data == nullptr ? nullptr : add_data + row * width, out_data + row * width,
                  static_cast<std::size_t>(width), what.layout->row_keys[static_cast<std::size_t>(row)], what.site);
    }
  });
  return out;
}

struct PackedDropout : torch::autograd::Function<PackedDropout> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& values, const std::optional<at::Tensor>& add,
                            const c10::intrusive_ptr<DropoutContext>& what) {
    context->saved_data["what"] = c10::IValue::make_capsule(what);
    context->saved_data["adds"] = add.has_value();
    return drop(values, add.value_or(at::Tensor()), *what);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto what = c10::static_intrusive_pointer_cast<DropoutContext>(context->saved_data["what"].toCapsule());
    at::Tensor by_values;
    if (context->needs_input_grad(0)) by_values = drop(gradients[0].contiguous(), {}, *what);
    return {by_values, context->saved_data["adds"].toBool() ? gradients[0] : at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor packed_dropout(const at::Tensor& values, const std::optional<at::Tensor>& add,
                          const std::shared_ptr<const BatchLayout>& layout, const DropoutSite& site) {
  if (site.rate <= 0) return add ? values + *add : values;
  auto what = c10::make_intrusive<DropoutContext>();
  what->layout = layout;
  what->site = site;
  return PackedDropout::apply(values.contiguous(), add ? std::optional(add->contiguous()) : std::nullopt, what);
}

}  // namespace persona4rec
