// How `train` trains: --mode, --preset, batches and rates, the loss, and what the encoder's own training has beside.
#pragma once

#include "persona4rec/train.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class TrainingFlags {
 public:
  void add(CLI::App& app);

  // Sets what these flags say, the defaults of the mode where they say nothing, and what the preset says; the rest of
  // `options` is the caller's and final already. Throws Error kUsage: a flag beside a preset that sets it otherwise.
  void apply(TrainOptions& options) const;

 private:
  enum class Preset : std::uint8_t { kDefault, kPaper, kReference };

  void add_steps(CLI::App& app);
  void add_loss(CLI::App& app);
  void add_encoder(CLI::App& app);
  void add_adapter(CLI::App& app);
  [[nodiscard]] bool given(const char* flag) const;
  void apply_mode_defaults(TrainOptions& options) const;
  void apply_paper(TrainOptions& options) const;
  void apply_reference(TrainOptions& options) const;
  template <class Value>
  void set(Value& field, const Value& value, const char* flag) const;

  CLI::App* app_ = nullptr;
  TrainOptions flags_;  // its defaults are the flags' defaults
  Preset preset_ = Preset::kDefault;
};

}  // namespace persona4rec
