// --encoder, --max-length, --dtype, --threads: which model folder turns texts into vectors, and how.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "io/artifacts.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

struct EncoderFlags {
  std::filesystem::path folder;  // --encoder; empty = not given
  std::size_t max_length = 0;    // --max-length: tokens a text is cut at; 0 = what the folder says
  std::string dtype = "auto";    // --dtype auto|f32|bf16
  std::size_t threads = 0;       // --threads; 0 = the processors this process may run on

  void add(CLI::App& app);

  // --encoder, else <workspace>/encoder where `train` has made one, else base_folder().
  [[nodiscard]] std::filesystem::path resolve(const Workspace& workspace) const;

  // --encoder, else $PERSONA4REC_ENCODER, else the default model where scripts/setup.sh puts it
  // (build/deps/models/all-MiniLM-L6-v2, found from the program's own place). What `train` starts from.
  // Throws Error kUsage when there is none.
  [[nodiscard]] std::filesystem::path base_folder() const;
};

}  // namespace persona4rec
