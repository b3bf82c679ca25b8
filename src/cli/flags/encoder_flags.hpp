// --encoder, --max-length, --dtype, --threads: which model folder turns texts into vectors, and how.
#pragma once

#include <filesystem>

#include "io/artifacts.hpp"
#include "persona4rec/encoder.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class EncoderFlags {
 public:
  void add(CLI::App& app);

  // Options for open_text_encoder. The folder: --encoder, else <workspace>/encoder where `train` has made one, else
  // base_folder(). No text store: a command that wants one sets it.
  [[nodiscard]] EncoderOptions options(const Workspace& workspace) const;

  // --encoder, else $PERSONA4REC_ENCODER, else the default model where scripts/setup.sh puts it
  // (build/deps/models/all-MiniLM-L6-v2, found from the program's own place). What `train` starts from.
  // Throws Error kUsage when there is none.
  [[nodiscard]] std::filesystem::path base_folder() const;

  [[nodiscard]] std::size_t threads() const { return options_.threads; }

 private:
  EncoderOptions options_;
};

}  // namespace persona4rec
