#include "train/encoder/encoder_model.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"
#include "base/rng.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/model_folder/model_config.hpp"
#include "encoder/ranks/ranks.hpp"

#include "encoder/model_folder/model_weights.hpp"
#include "encoder/sentence/packing.hpp"
#include "encoder/trainable/peft_adapter.hpp"
#include "encoder/trainable/trainable_transformer.hpp"
#include "encoder/transformer/transformer.hpp"
#include "persona4rec/error.hpp"
#include "train/batch_slopes.hpp"
#include "train/contrastive_loss.hpp"
#include "train/encoder/adamw.hpp"
#include "train/encoder/chunked_texts.hpp"
#include "train/encoder/frozen_states.hpp"
#include "train/encoder/profile_tensors.hpp"
#include "train/tensors.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kInferenceTokens = 2048;         // of a batch without gradients on a processor
constexpr std::size_t kDeviceInferenceTokens = 65536;  // on a GPU

TrainableOptions trainable_options(const TrainOptions& options, const at::Device& device) {
  const auto& training = options.encoder_training;
  TrainableOptions out{
      .freeze_layers = training.freeze_layers,
      .freeze_embeddings = training.freeze_embeddings,
      .checkpoint_layers = training.checkpoint_layers,
      .dropout = training.dropout < 0 ? std::nullopt : std::optional(training.dropout),
      .bf16 = training.mixed == MixedPrecision::kOn || (training.mixed == MixedPrecision::kAuto && device.is_cuda()),
      .device = device,
      .seed = options.head.seed};
  if (options.mode != TrainMode::kLora) return out;
  const auto& adapter = training.adapter;
  out.lora = adapter.start.empty()
                 ? LoraOptions{.rank = adapter.rank, .alpha = adapter.alpha, .targets = adapter.targets}
                 : read_peft_options(adapter.start);
  out.lora->dropout = adapter.dropout;
  return out;
}

std::map<std::string, at::Tensor> on_processor(std::map<std::string, at::Tensor> tensors) {
  for (auto& [name, tensor] : tensors) tensor = tensor.detach().to(at::kCPU).contiguous();
  return tensors;
}

}  // namespace

struct EncoderModel::State {
  State(const TrainOptions& train_options, std::shared_ptr<Ranks> processes)
      : options(train_options),
        ranks(processes ? std::move(processes) : Ranks::join(Launch{})),
        device(choose_device(train_options.device)),
        model(read_model_config(options.base_encoder)),
        transformer(model, ModelWeights(model), trainable_options(options, device)),
        frozen(options.encoder_training.freeze_layers > 0 ? options.encoder_training.frozen_cache_mb : 0) {
    if (const auto& start = options.encoder_training.adapter.start; transformer.options().lora && !start.empty()) {
      read_peft_adapter(start, transformer);
    }
    const auto identity = [&] {
      auto map = at::eye(signed_size(model.hidden), at::TensorOptions(device));
      return map.set_requires_grad(options.encoder_training.train_maps);
    };
    user_map = identity();
    persona_map = options.head.shared_map ? user_map : identity();
    temperature = at::full({}, options.head.loss.temperature, at::TensorOptions(device));
    temperature.set_requires_grad(options.encoder_training.learn_temperature);
    optimizer = std::make_unique<AdamW>(groups());
  }

  // Weights that decay, weights that do not, and what stands behind the encoder.
  [[nodiscard]] std::vector<ParameterGroup> groups() const {
    std::vector<ParameterGroup> out(3);
    out[0].weight_decay = options.encoder_training.weight_decay;
    for (const auto& parameter : transformer.parameters()) {
      auto& group = out[parameter.decays ? 0 : 1];
      group.names.push_back(parameter.name);
      group.parameters.push_back(parameter.value);
    }
    const auto add = [&](const char* name, const at::Tensor& parameter) {
      if (!parameter.requires_grad()) return;
      out[2].names.emplace_back(name);
      out[2].parameters.push_back(parameter);
    };
    add("map.user", user_map);
    if (!persona_map.is_same(user_map)) add("map.persona", persona_map);
    add("temperature", temperature);
    return out;
  }

  [[nodiscard]] bool first() const { return ranks->rank() == 0; }

  const TrainOptions& options;
  std::shared_ptr<Ranks> ranks;
  at::Device device;
  ModelConfig model;
  TrainableTransformer transformer;
  FrozenStates frozen;
  at::Tensor user_map;     // [d, d]
  at::Tensor persona_map;  // [d, d]; the same tensor as user_map when shared
  at::Tensor temperature;  // a number
  TextMeans means;
  std::unique_ptr<AdamW> optimizer;
};

namespace {

// The loss of the whole batch, of which this process has the part `plan`.
class BatchLoss {
 public:
  BatchLoss(EncoderModel::State& state, const BatchPlan& plan) : state_(state), plan_(plan) {
    const auto sizes = values_of(state.ranks->gather(at::full({1}, static_cast<float>(plan.size))));
    for (std::size_t r = 0; r < state.ranks->rank(); ++r) before_ += static_cast<std::int64_t>(sizes[r]);
  }

  [[nodiscard]] at::Tensor compute(const at::Tensor& vectors) const {
    const auto sides = batch_sides(plan_, vectors, state_.means);
    const auto d = plan_.dimensions;
    ContrastiveBatch batch{.users = everyone(mapped(sides.users, state_.user_map)),
                           .personas = everyone(mapped(sides.personas, state_.persona_map)),
                           .user_id = everyone(ids(plan_.user_id)),
                           .persona_id = everyone(ids(plan_.persona_id)),
                           .item_id = everyone(ids(plan_.item_id))};
    if (!plan_.log_q.empty()) batch.log_q = everyone(matrix_tensor(plan_.log_q, plan_.size, 1).to(device())).squeeze(1);
    if (!plan_.hard.empty()) {
      const auto hard = matrix_tensor(plan_.hard, plan_.hard.size() / d, d).to(device());
      batch.hard = everyone(mapped(hard, state_.persona_map).view({signed_size(plan_.size), -1, signed_size(d)}));
    }
    if (!plan_.others.empty()) add_others(batch);
    return contrastive_loss(batch, state_.options.head.loss, shared(state_.temperature));
  }

 private:
  [[nodiscard]] at::Device device() const { return state_.device; }
  [[nodiscard]] at::Tensor ids(const std::vector<std::uint32_t>& values) const {
    return index_tensor(values).to(device());
  }
  [[nodiscard]] static at::Tensor mapped(const at::Tensor& rows, const at::Tensor& map) {
    return unit_rows(rows.mm(map.t()));
  }
  // What every process computes alike: its gradient is taken once.
  [[nodiscard]] at::Tensor shared(const at::Tensor& value) const { return state_.first() ? value : value.detach(); }

  // The rows of all processes; a gradient reaches one's own.
  [[nodiscard]] at::Tensor everyone(const at::Tensor& own) const {
    if (state_.ranks->size() == 1) return own;
    const auto all = state_.ranks->gather(own.detach());
    const auto after = before_ + own.size(0);
    return at::cat({all.narrow(0, 0, before_), own, all.narrow(0, after, all.size(0) - after)});
  }

  // Drawn evenly from the catalogue, where a column of the batch stands as often as its item is a target.
  void add_others(ContrastiveBatch& batch) const {
    const auto d = plan_.dimensions;
    const auto m = plan_.others.size() / d;
    batch.others = shared(mapped(matrix_tensor(plan_.others, m, d).to(device()), state_.persona_map));
    const auto masked = at::from_blob(const_cast<std::uint8_t*>(plan_.masked_others.data()),
                                      {signed_size(plan_.size), signed_size(m)}, at::kByte);
    batch.masked_others = everyone(masked.to(device(), at::kBool));
    if (plan_.log_q.empty()) return;
    const double columns = static_cast<double>(batch.users.size(0));
    batch.others_log_q = -std::log(static_cast<double>(m) / (columns * static_cast<double>(plan_.catalogue)));
  }

  EncoderModel::State& state_;
  const BatchPlan& plan_;
  std::int64_t before_ = 0;  // rows of the processes before this one
};

void add_up(EncoderModel::State& state) {
  if (state.ranks->size() == 1) return;
  std::vector<at::Tensor> gradients;
  for (const auto& group : state.groups()) {
    for (const auto& parameter : group.parameters) {
      if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter.detach());
      gradients.push_back(parameter.grad());
    }
  }
  state.ranks->sum(gradients);
}

// Gradients of all processes' batch onto the weights; the loss.
EncoderStep differentiate(EncoderModel::State& state, const BatchPlan& plan, const TokenFile& tokens,
                          std::uint64_t number) {
  const auto& training = state.options.encoder_training;
  const auto salt = "dropout " + std::to_string(number) + " " + std::to_string(state.ranks->rank());
  ChunkedTexts texts(state.transformer, training.freeze_layers > 0 ? &state.frozen : nullptr, plan.texts, tokens,
                     training.chunk_tokens, Rng(state.options.head.seed, salt).next());
  const auto loss = BatchLoss(state, plan).compute(texts.encode());
  EncoderStep step{.loss = loss.item<double>(), .tokens = texts.tokens()};
  if (!std::isfinite(step.loss)) return step;
  (loss / static_cast<double>(training.accumulate)).backward();
  texts.backward();
  return step;
}

// Puts the vectors of a batch where its texts stand among all.
void put(const PackedBatch& batch, const std::vector<float>& vectors, std::size_t d, std::vector<float>& out) {
  for (std::size_t i = 0; i < batch.texts(); ++i) {
    std::copy_n(vectors.data() + i * d, d, out.data() + batch.rows[i] * d);
  }
}

// Vectors of some texts by the inference transformer, on all processors.
std::vector<float> encode_on_processor(const EncoderModel::State& state, const std::vector<TokenizedText>& texts) {
  const auto weights = model_weights(state.model, state.transformer.merged_tensors());
  const Transformer transformer(state.model, weights, {});
  const SingleThreadedOperators single_threaded;
  const auto batches = pack_batches(texts, kInferenceTokens);
  std::vector<float> out(texts.size() * state.model.hidden);
  parallel_ranges(batches.size(), 1, state.options.threads, [&](std::size_t index, std::size_t) {
    put(batches[index], transformer.encode(batches[index]), state.model.hidden, out);
  });
  return out;
}

std::vector<float> encode_on_device(const EncoderModel::State& state, const std::vector<TokenizedText>& texts) {
  const at::NoGradGuard no_grad;
  std::vector<float> out(texts.size() * state.model.hidden);
  for (const auto& batch : pack_batches(texts, kDeviceInferenceTokens)) {
    put(batch, values_of(state.transformer.encode(batch, {})), state.model.hidden, out);
  }
  return out;
}

}  // namespace

EncoderModel::EncoderModel(const TrainOptions& options, std::shared_ptr<Ranks> ranks) {
  at::set_num_threads(static_cast<int>(options.threads == 0 ? default_threads() : options.threads));
  state_ = std::make_unique<State>(options, std::move(ranks));
}

EncoderModel::~EncoderModel() = default;

void EncoderModel::set_means(std::span<const float> interaction, std::span<const float> persona) {
  state_->means = {.interaction = matrix_tensor(interaction, 1, interaction.size()).squeeze(0).to(state_->device),
                   .persona = matrix_tensor(persona, 1, persona.size()).squeeze(0).to(state_->device)};
}

EncoderStep EncoderModel::add(const BatchPlan& plan, const TokenFile& tokens, std::uint64_t number) {
  return differentiate(*state_, plan, tokens, number);
}

double EncoderModel::update(double share) {
  auto& state = *state_;
  add_up(state);
  const double length = state.optimizer->clip(state.options.encoder_training.clip);
  if (std::isfinite(length)) {
    const double rate = share * state.options.head.learning_rate;
    state.optimizer->step({rate, rate, share * state.options.encoder_training.map_rate});
  }
  state.optimizer->clear_gradients();
  return length;
}

std::vector<std::pair<std::string, std::vector<float>>> EncoderModel::gradients() const {
  std::vector<std::pair<std::string, std::vector<float>>> out;
  for (const auto& group : state_->groups()) {
    for (std::size_t i = 0; i < group.names.size(); ++i) {
      const auto& gradient = group.parameters[i].grad();
      out.emplace_back(group.names[i], gradient.defined() ? values_of(gradient) : std::vector<float>());
    }
  }
  return out;
}

std::vector<float> EncoderModel::encode(const TokenFile& tokens, std::span<const std::uint32_t> texts) {
  const auto& ranks = *state_->ranks;
  const std::size_t begin = texts.size() * ranks.rank() / ranks.size();
  const std::size_t end = texts.size() * (ranks.rank() + 1) / ranks.size();
  std::vector<TokenizedText> own;
  for (std::size_t i = begin; i < end; ++i) own.push_back(tokens.tokens(texts[i]));
  auto vectors = state_->device.is_cuda() ? encode_on_device(*state_, own) : encode_on_processor(*state_, own);
  if (ranks.size() == 1) return vectors;
  return values_of(state_->ranks->gather(matrix_tensor(vectors, own.size(), state_->model.hidden)));
}

std::vector<float> EncoderModel::user_map() const {
  return values_of(state_->user_map);
}
std::vector<float> EncoderModel::persona_map() const {
  return values_of(state_->persona_map);
}
double EncoderModel::temperature() const {
  return state_->temperature.item<double>();
}

void EncoderModel::save(const std::filesystem::path& file, bool with_moments) const {
  auto tensors = state_->optimizer->state();
  if (!with_moments) std::erase_if(tensors, [](const auto& entry) { return !entry.first.starts_with("weights/"); });
  tensors = on_processor(std::move(tensors));
  write_safetensors(file, tensor_views(tensors));
}

void EncoderModel::restore(const std::filesystem::path& path) {
  const at::NoGradGuard no_grad;
  const SafetensorsFile file(path);
  for (auto& [name, tensor] : state_->optimizer->state()) {
    const auto found = file.tensors().find(name);
    if (found == file.tensors().end() && !name.starts_with("weights/")) continue;
    if (found == file.tensors().end() || found->second.shape != tensor.sizes().vec() || found->second.dtype != "F32") {
      throw input_error({.file = path.string(), .field = name}, "expected f32 values of shape " +
                                                                    shape_text(tensor.sizes().vec()) +
                                                                    "; --fresh starts again without the checkpoint");
    }
    const auto values = to_f32(found->second);
    auto target = tensor;
    target.copy_(at::from_blob(const_cast<float*>(values.data()), tensor.sizes(), at::kFloat));
  }
}

void EncoderModel::write_weights(const std::function<void(const TensorViews&)>& write) const {
  const auto tensors = state_->transformer.merged_tensors();
  write(tensor_views(tensors));
}

void EncoderModel::write_adapter(const std::filesystem::path& folder) const {
  write_peft_adapter(folder, state_->transformer, state_->options.base_encoder.filename().string());
}

}  // namespace persona4rec
