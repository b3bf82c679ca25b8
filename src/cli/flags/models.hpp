// The models of the program: the encoder, and the first-stage recommender.
#pragma once

#include <filesystem>

#include "cli/flags/run.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/encoder.hpp"
#include "persona4rec/first_stage.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

// --encoder, --max-length, --dtype, --device, --threads: which model folder turns texts into vectors, and how.
class EncoderFlags {
 public:
  void add(CLI::App& app);

  // Options for open_text_encoder. The folder: --encoder, else <workspace>/encoder where `train` has made one, else
  // base_folder(). No text store: a command that wants one sets it.
  [[nodiscard]] EncoderOptions options(const Workspace& workspace) const;

  // --encoder, else $PERSONA4REC_ENCODER, else models/all-MiniLM-L6-v2 of what comes with the program
  // (cli/resources.hpp). What `train` starts from. Throws Error kUsage when there is none.
  [[nodiscard]] std::filesystem::path base_folder() const;

  [[nodiscard]] std::size_t threads() const { return options_.threads; }

 private:
  EncoderOptions options_;
  DeviceFlag device_;
};

// Which first-stage recommender, with which settings: `candidates` makes its lists, `train --fit-weights` refits it on
// folds.
class FirstStageFlags {
 public:
  // `method_flag`: what the recommender itself is chosen with ("--method", "--first-stage").
  void add(CLI::App& app, const char* method_flag);
  // `words` and `threads` are the caller's.
  [[nodiscard]] const FirstStageOptions& options() const { return options_; }

 private:
  FirstStageOptions options_;
};

}  // namespace persona4rec
