// Flags of gates: conditions on an evaluation that a change must meet. For --junit and --markdown see the command.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "persona4rec/eval_gate.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

// --gate EXPRESSION (several times), --gate-file FILE, --strict.
class GateFlags {
 public:
  void add(CLI::App& app);

  // Those of the file, then those of the command line. Throws Error kUsage: a file that is none (with its line), an
  // expression that cannot be read.
  [[nodiscard]] std::vector<Gate> gates(const std::vector<std::size_t>& ks) const;
  [[nodiscard]] bool strict() const;

 private:
  std::vector<std::string> expressions_;
  std::filesystem::path file_;
  bool strict_ = false;
};

}  // namespace persona4rec
