#include "cli/command_table.hpp"

namespace persona4rec {

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  return commands;
}

}  // namespace persona4rec
