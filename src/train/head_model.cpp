#include "train/head_model.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/functional/normalization.h>
#include <torch/optim/adam.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <limits>
#include <sstream>

#include "base/parallel.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();

std::int64_t as_int(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

torch::Tensor matrix(const std::vector<float>& values, std::size_t rows, std::size_t columns) {
  return torch::from_blob(const_cast<float*>(values.data()), {as_int(rows), as_int(columns)}, torch::kFloat32).clone();
}

std::vector<float> to_vector(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().to(torch::kCPU).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

torch::Tensor unit_rows(const torch::Tensor& rows) {
  return torch::nn::functional::normalize(rows);
}

// [b, b] bool: does column j carry the same id as row i, off the diagonal?
torch::Tensor same_ids(const std::vector<std::uint32_t>& ids) {
  std::vector<std::int64_t> wide(ids.begin(), ids.end());
  const auto column = torch::tensor(wide, torch::kInt64);
  const auto same = column.unsqueeze(0).eq(column.unsqueeze(1));
  return same.logical_and(torch::eye(as_int(ids.size()), torch::kBool).logical_not());
}

// Mean over rows of the smoothed cross-entropy to column `i` of row i; masked columns hold -inf.
torch::Tensor diagonal_cross_entropy(const torch::Tensor& logits, double smoothing) {
  const auto log_p = torch::log_softmax(logits, 1);  // [b, columns]
  const auto positive = log_p.diagonal();            // [b]
  if (smoothing == 0) return -positive.mean();
  const auto open = log_p.isfinite();
  const auto spread = torch::where(open, log_p, torch::zeros_like(log_p)).sum(1) / open.sum(1);
  return -((1 - smoothing) * positive + smoothing * spread).mean();
}

Error unusable(const std::string& reason) {
  return {ErrorKind::kInput,
          "model.pt of the checkpoint cannot be used: " + reason + "; --fresh starts again without the checkpoint"};
}

}  // namespace

struct HeadModel::State {
  LossOptions options;
  std::size_t dimensions = 0;
  torch::Tensor user;     // [d, d] f32
  torch::Tensor persona;  // [d, d] f32; the same tensor as `user` when shared
  std::unique_ptr<torch::optim::Adam> optimizer;

  [[nodiscard]] std::vector<torch::Tensor> parameters() const {
    return user.is_same(persona) ? std::vector{user} : std::vector{user, persona};
  }

  // Adam's moments are as large as the maps, where there are any: a step would read past others.
  void check_moments() const {
    for (const auto& parameter : parameters()) {
      const auto found = optimizer->state().find(parameter.unsafeGetTensorImpl());
      if (found == optimizer->state().end()) continue;
      const auto& moments = static_cast<const torch::optim::AdamParamState&>(*found->second);
      for (const auto* moment : {&moments.exp_avg(), &moments.exp_avg_sq()}) {
        TORCH_CHECK(
            moment->defined() && moment->sizes() == parameter.sizes() && moment->scalar_type() == torch::kFloat32,
            "the optimiser's moments are not those of the maps");
      }
    }
  }

  [[nodiscard]] torch::Tensor mask(const HeadBatch& batch, const torch::Tensor& cosine) const {
    auto masked = torch::zeros(cosine.sizes(), torch::kBool);  // [b, b]
    if (options.mask_same_persona) masked.logical_or_(same_ids(batch.persona_id));
    if (options.mask_same_item) masked.logical_or_(same_ids(batch.item_id));
    if (options.mask_same_user) masked.logical_or_(same_ids(batch.user_id));
    if (options.percpos > 0) {
      const auto limit = options.percpos * cosine.detach().diagonal().unsqueeze(1);  // [b, 1]
      const auto off_diagonal = torch::eye(as_int(batch.size), torch::kBool).logical_not();
      masked.logical_or_(cosine.detach().gt(limit).logical_and(off_diagonal));
    }
    return masked;
  }

  // Cosines of each row with its own hard negatives; missing (all zero) ones are masked. [b, h]
  [[nodiscard]] torch::Tensor hard_logits(const HeadBatch& batch, const torch::Tensor& users) const {
    const auto raw = matrix(batch.hard, batch.size * batch.hard_count, batch.dimensions);
    const auto mapped = unit_rows(raw.mm(persona.t())).view({as_int(batch.size), as_int(batch.hard_count), -1});
    const auto logits = torch::bmm(mapped, users.unsqueeze(2)).squeeze(2) / options.temperature;
    const auto missing = raw.abs().sum(1).eq(0).view({as_int(batch.size), as_int(batch.hard_count)});
    return logits.masked_fill(missing, kMasked);
  }

  [[nodiscard]] torch::Tensor loss(const HeadBatch& batch) const {
    const auto users = unit_rows(matrix(batch.users, batch.size, batch.dimensions).mm(user.t()));           // [b, d]
    const auto personas = unit_rows(matrix(batch.personas, batch.size, batch.dimensions).mm(persona.t()));  // [b, d]
    const auto cosine = users.mm(personas.t());                                                             // [b, b]
    const auto masked = mask(batch, cosine);
    auto logits = cosine / options.temperature;
    if (!batch.log_q.empty()) logits = logits + matrix(batch.log_q, 1, batch.size);
    logits = logits.masked_fill(masked, kMasked);
    auto rows = batch.hard_count == 0 ? logits : torch::cat({logits, hard_logits(batch, users)}, 1);
    const auto forward = diagonal_cross_entropy(rows, options.label_smoothing);
    if (!options.symmetric) return forward;
    const auto backward = (cosine.t() / options.temperature).masked_fill(masked.t(), kMasked);
    return (forward + diagonal_cross_entropy(backward, options.label_smoothing)) / 2;
  }
};

std::vector<float> multiply_transposed(std::span<const float> a, std::span<const float> b, std::size_t d) {
  const auto view = [d](std::span<const float> values) {
    return torch::from_blob(const_cast<float*>(values.data()), {as_int(values.size() / d), as_int(d)}, torch::kFloat32);
  };
  const torch::NoGradGuard no_grad;
  return to_vector(view(a).mm(view(b).t()));
}

HeadModel::HeadModel(std::size_t dimensions, const HeadTrainingOptions& options, std::size_t threads)
    : state_(std::make_unique<State>()) {
  at::set_num_threads(static_cast<int>(threads == 0 ? default_threads() : threads));
  state_->options = options.loss;
  state_->dimensions = dimensions;
  state_->user = torch::eye(as_int(dimensions)).set_requires_grad(true);
  state_->persona = options.shared_map ? state_->user : torch::eye(as_int(dimensions)).set_requires_grad(true);
  state_->optimizer =
      std::make_unique<torch::optim::Adam>(state_->parameters(), torch::optim::AdamOptions(options.learning_rate));
}
HeadModel::HeadModel(HeadModel&&) noexcept = default;
HeadModel& HeadModel::operator=(HeadModel&&) noexcept = default;
HeadModel::~HeadModel() = default;

double HeadModel::loss(const HeadBatch& batch) const {
  const torch::NoGradGuard no_grad;
  return state_->loss(batch).item<double>();
}

double HeadModel::step(const HeadBatch& batch) {
  state_->optimizer->zero_grad();
  const auto loss = state_->loss(batch);
  const double value = loss.item<double>();
  if (!std::isfinite(value)) return value;  // the caller names the step; the maps stay as they are
  loss.backward();
  state_->optimizer->step();
  return value;
}

std::vector<std::vector<float>> HeadModel::gradients(const HeadBatch& batch) const {
  std::vector<std::vector<float>> out;
  for (const auto& gradient : torch::autograd::grad({state_->loss(batch)}, state_->parameters())) {
    out.push_back(to_vector(gradient));
  }
  return out;
}

std::vector<float> HeadModel::user_map() const {
  return to_vector(state_->user);
}
std::vector<float> HeadModel::persona_map() const {
  return to_vector(state_->persona);
}

void HeadModel::set_maps(std::span<const float> user_map, std::span<const float> persona_map) {
  const torch::NoGradGuard no_grad;
  const auto d = state_->dimensions;
  state_->user.copy_(matrix({user_map.begin(), user_map.end()}, d, d));
  state_->persona.copy_(matrix({persona_map.begin(), persona_map.end()}, d, d));
}

std::string HeadModel::save() const {
  torch::serialize::OutputArchive archive;
  archive.write("user", state_->user.detach());
  archive.write("persona", state_->persona.detach());
  torch::serialize::OutputArchive optimizer;
  state_->optimizer->save(optimizer);
  archive.write("optimizer", optimizer);
  std::ostringstream bytes;
  archive.save_to(bytes);
  return bytes.str();
}

void HeadModel::restore(const std::string& bytes) {
  try {
    std::istringstream in(bytes);
    torch::serialize::InputArchive archive;
    archive.load_from(in);
    torch::Tensor user;
    torch::Tensor persona;
    archive.read("user", user);
    archive.read("persona", persona);
    for (const auto* map : {&user, &persona}) {
      TORCH_CHECK(map->defined() && map->sizes() == state_->user.sizes(), "a map has other dimensions");
      TORCH_CHECK(map->scalar_type() == torch::kFloat32, "a map holds no f32 values");
    }
    set_maps(to_vector(user), to_vector(persona));
    torch::serialize::InputArchive optimizer;
    archive.read("optimizer", optimizer);
    state_->optimizer->load(optimizer);
    state_->check_moments();
  } catch (const c10::Error& error) {
    throw unusable(error.what_without_backtrace());
  } catch (const std::exception& error) {  // of the archive's own reader
    throw unusable(error.what());
  }
}

}  // namespace persona4rec
