#include "train/head_model.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/optim/adam.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <sstream>

#include "base/parallel.hpp"
#include "persona4rec/error.hpp"
#include "train/batch_slopes.hpp"
#include "train/contrastive_loss.hpp"
#include "train/tensors.hpp"

namespace persona4rec {
namespace {

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

  [[nodiscard]] torch::Tensor loss(const HeadBatch& batch) const {
    const auto [b, d] = std::pair(batch.size, batch.dimensions);
    ContrastiveBatch sides{.users = unit_rows(matrix_view(batch.users, b, d).mm(user.t())),
                           .personas = unit_rows(matrix_view(batch.personas, b, d).mm(persona.t())),
                           .user_id = index_tensor(batch.user_id),
                           .persona_id = index_tensor(batch.persona_id),
                           .item_id = index_tensor(batch.item_id)};
    if (!batch.log_q.empty()) sides.log_q = matrix_view(batch.log_q, 1, b).squeeze(0);
    if (batch.hard_count > 0) {
      const auto mapped = unit_rows(matrix_view(batch.hard, b * batch.hard_count, d).mm(persona.t()));
      sides.hard = mapped.view({signed_size(b), signed_size(batch.hard_count), -1});
    }
    return contrastive_loss(sides, options);
  }
};

std::vector<float> multiply_transposed(std::span<const float> a, std::span<const float> b, std::size_t d) {
  const auto view = [d](std::span<const float> values) { return matrix_view(values, values.size() / d, d); };
  const torch::NoGradGuard no_grad;
  return values_of(view(a).mm(view(b).t()));
}

HeadModel::HeadModel(std::size_t dimensions, const HeadTrainingOptions& options, std::size_t threads)
    : state_(std::make_unique<State>()) {
  at::set_num_threads(static_cast<int>(threads == 0 ? default_threads() : threads));
  state_->options = options.loss;
  state_->dimensions = dimensions;
  state_->user = torch::eye(signed_size(dimensions)).set_requires_grad(true);
  state_->persona = options.shared_map ? state_->user : torch::eye(signed_size(dimensions)).set_requires_grad(true);
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
    out.push_back(values_of(gradient));
  }
  return out;
}

std::vector<float> HeadModel::user_map() const {
  return values_of(state_->user);
}
std::vector<float> HeadModel::persona_map() const {
  return values_of(state_->persona);
}

void HeadModel::set_maps(std::span<const float> user_map, std::span<const float> persona_map) {
  const torch::NoGradGuard no_grad;
  const auto d = state_->dimensions;
  state_->user.copy_(matrix_tensor(user_map, d, d));
  state_->persona.copy_(matrix_tensor(persona_map, d, d));
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
    set_maps(values_of(user), values_of(persona));
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
