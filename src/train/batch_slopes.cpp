#include "train/batch_slopes.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <limits>
#include <numeric>
#include <span>

#include "base/parallel.hpp"

namespace persona4rec {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kShortest = 1e-12;
constexpr std::size_t kRowsPerTask = 64;
constexpr float kLeftOut = -std::numeric_limits<float>::infinity();

template <class Body>
void for_rows(std::int64_t rows, const Body& body) {
  parallel_ranges(static_cast<std::size_t>(rows), kRowsPerTask, static_cast<std::size_t>(at::get_num_threads()),
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i) body(i);
                  });
}

std::span<float> row_of(const at::Tensor& matrix, std::size_t row) {
  const auto columns = static_cast<std::size_t>(matrix.size(1));
  return {matrix.data_ptr<float>() + row * columns, columns};
}

std::span<const float> values_in(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

// The loops of a row. Each element comes from the same operations in the same order as from LibTorch's operators.

// -slope * ((x / length) / length)
void slope_by_length(std::span<const float> slope, std::span<const float> x, float length, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = -slope[i] * ((x[i] / length) / length);
}

struct RowLength {
  float norm = 0, clamped = 0;
  float slope = 0;  // by the clamped one
};

// slope / length + what comes by the length
void slope_of_row(std::span<const float> slope, std::span<const float> x, const RowLength& length,
                  std::span<float> out) {
  const bool is_short = !(length.norm >= static_cast<float>(kShortest));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float by_length = is_short ? 0.0F : length.slope * (x[i] / length.norm);
    out[i] = slope[i] / length.clamped + by_length;
  }
}

class UnitRows : public torch::autograd::Function<UnitRows> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows) {
    const auto norms = rows.norm(2, {-1}, true);  // [b, 1]
    const auto lengths = norms.clamp_min(kShortest);
    context->save_for_backward({rows, norms, lengths});
    return rows / lengths;
  }

  static variable_list backward(AutogradContext* context, const variable_list& slopes) {
    const auto saved = context->get_saved_variables();
    const auto& rows = saved[0];
    const auto slope = slopes[0].contiguous();
    const auto norms = values_in(saved[1]);
    const auto lengths = values_in(saved[2]);
    const auto out = at::empty_like(rows);
    for_rows(rows.size(0),
             [&](std::size_t i) { slope_by_length(row_of(slope, i), row_of(rows, i), lengths[i], row_of(out, i)); });
    const auto sums = out.sum({1}, true);  // [b, 1]
    const auto of_length = values_in(sums);
    for_rows(rows.size(0), [&](std::size_t i) {
      const RowLength length{.norm = norms[i], .clamped = lengths[i], .slope = of_length[i]};
      slope_of_row(row_of(slope, i), row_of(rows, i), length, row_of(out, i));
    });
    return {out};
  }
};

// The ids of a batch as numbers that are fast to compare.
class Ids {
 public:
  explicit Ids(const OwnColumns& columns, std::size_t size) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      ids_[kind].resize(size);
      if (kind < columns.ids.size()) {
        const auto* from = columns.ids[kind].const_data_ptr<std::int64_t>();
        for (std::size_t i = 0; i < size; ++i) ids_[kind][i] = static_cast<std::uint32_t>(from[i]);
      } else {  // equal to no other
        std::iota(ids_[kind].begin(), ids_[kind].end(), 0U);
      }
    }
  }

  // Row i of the cosines becomes the logits.
  void scale(std::size_t i, float temperature, std::span<const float> log_q, std::span<float> row) const {
    const auto& [first, second, third] = ids_;
    const auto a = first[i];
    const auto b = second[i];
    const auto c = third[i];
    const float own = row[i] / temperature + log_q[i];
    for (std::size_t j = 0; j < row.size(); ++j) {
      // without a branch, so that several columns go at once
      const int shares =
          static_cast<int>(first[j] == a) | static_cast<int>(second[j] == b) | static_cast<int>(third[j] == c);
      const float logit = row[j] / temperature + log_q[j];
      row[j] = shares != 0 ? kLeftOut : logit;
    }
    row[i] = own;
  }

  static constexpr std::size_t kKinds = 3;

 private:
  std::array<std::vector<std::uint32_t>, kKinds> ids_;
};

class OwnColumnsLoss : public torch::autograd::Function<OwnColumnsLoss> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& users, const at::Tensor& personas,
                            const OwnColumns& columns) {
    const auto logits = users.mm(personas.t());  // [b, b]
    const auto temperature = static_cast<float>(columns.temperature);
    const auto log_q = columns.log_q.defined() ? columns.log_q.contiguous() : at::zeros({logits.size(0)});
    const Ids ids(columns, static_cast<std::size_t>(logits.size(0)));
    for_rows(logits.size(0), [&](std::size_t i) { ids.scale(i, temperature, values_in(log_q), row_of(logits, i)); });
    const auto log_p = at::log_softmax(logits, 1);
    context->save_for_backward({users, personas, log_p});
    context->saved_data["temperature"] = columns.temperature;
    return -log_p.diagonal().mean();
  }

  static variable_list backward(AutogradContext* context, const variable_list& slopes) {
    const auto saved = context->get_saved_variables();
    const auto& log_p = saved[2];
    const auto by_log_p = at::zeros_like(log_p);
    by_log_p.diagonal().copy_(-slopes[0] / log_p.size(0));
    // 0 where a column is left out, as its exponent is
    const auto by_cosine = at::_log_softmax_backward_data(by_log_p, log_p, 1, at::kFloat);
    by_cosine.div_(context->saved_data["temperature"].toDouble());
    return {by_cosine.mm(saved[1]), by_cosine.t().mm(saved[0]), at::Tensor()};
  }
};

bool is_plain(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.dim() == 2 && tensor.is_contiguous();
}

}  // namespace

at::Tensor unit_rows(const at::Tensor& rows) {
  if (!is_plain(rows)) return rows / rows.norm(2, {-1}, true).clamp_min(kShortest);
  return UnitRows::apply(rows);
}

at::Tensor own_columns_loss(const at::Tensor& users, const at::Tensor& personas, const OwnColumns& columns) {
  return OwnColumnsLoss::apply(users, personas, columns);
}

}  // namespace persona4rec
