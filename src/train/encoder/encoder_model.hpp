// The encoder under training with its two maps, its optimiser and what a step is (docs/method.md, 6.8 Training the
// encoder).
//
// A step: every distinct text of the batch once through the encoder, in chunks by token count; profiles, maps and the
// loss on the vectors; the loss's gradient by the vectors back through the chunks, which are computed a second time
// where there are several (GradCache: Gao et al. 2021), with the same dropout. With several processes each has its part
// of the batch; users and personas of all are gathered, every process computes the whole loss, takes the gradient of
// its own part, and the weights' gradients are added up: n processes with batches of b step as one with n * b.
// LibTorch lives in encoder_model.cpp alone. Thread-safety: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "encoder/model_folder/safetensors.hpp"
#include "persona4rec/train.hpp"
#include "train/encoder/batch_plan.hpp"
#include "train/encoder/token_file.hpp"

namespace persona4rec {

class Ranks;

struct EncoderStep {
  double loss = 0;           // of the whole batch, all processes
  std::uint64_t tokens = 0;  // of this process
};

class EncoderModel {
 public:
  // Starts from options.base_encoder, both maps the identity. `ranks`: the processes of the run; null = this one alone.
  // Throws Error kInput, kUsage (no such device).
  EncoderModel(const TrainOptions& options, std::shared_ptr<Ranks> ranks);
  EncoderModel(const EncoderModel&) = delete;
  EncoderModel& operator=(const EncoderModel&) = delete;
  ~EncoderModel();

  // What texts are centred by, [d] each.
  void set_means(std::span<const float> interaction, std::span<const float> persona);

  // Adds the gradients of a batch's loss (divided by options.encoder_training.accumulate) to those that are there;
  // `number` seeds its dropout. Where the loss is no number nothing is added.
  EncoderStep add(const BatchPlan& plan, const TokenFile& tokens, std::uint64_t number);
  // A step of the optimiser with what was added, which is gone then; `share`: of the highest learning rates. Returns
  // the gradients' length before it was clipped; where that is no number nothing changes.
  double update(double share);
  // What was added, by weight; for tests.
  [[nodiscard]] std::vector<std::pair<std::string, std::vector<float>>> gradients() const;

  // Vectors of texts as the encoder is now, without dropout, [texts, d] f32; zeros for a text without tokens. Spread
  // over processes.
  [[nodiscard]] std::vector<float> encode(const TokenFile& tokens, std::span<const std::uint32_t> texts);

  [[nodiscard]] std::vector<float> user_map() const;     // [d, d]
  [[nodiscard]] std::vector<float> persona_map() const;  // [d, d]
  [[nodiscard]] double temperature() const;

  // What learns, and with `with_moments` the optimiser's state, as a safetensors file.
  void save(const std::filesystem::path& file, bool with_moments) const;
  // Takes all of it that the file has. Throws Error kInput: not of this model.
  void restore(const std::filesystem::path& file);

  // All weights of the encoder, adapters merged, f32, for write_model_folder; adapters alone as PEFT reads them.
  void write_weights(const std::function<void(const TensorViews&)>& write) const;
  void write_adapter(const std::filesystem::path& folder) const;  // REQUIRES: --mode lora

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
