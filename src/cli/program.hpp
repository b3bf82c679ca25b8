// The program behind main(): builds the flags of every command, reads the command line and the config, runs.
#pragma once

#include <string>
#include <vector>

namespace persona4rec {

// `arguments` without the program's name. Returns the exit code of a run without an error: 0, or 2 after the help that
// a call without arguments gets. Throws Error; kUsage for everything that the command line or the config is wrong in.
[[nodiscard]] int run_program(const std::vector<std::string>& arguments);

}  // namespace persona4rec
