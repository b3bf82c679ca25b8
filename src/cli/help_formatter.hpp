// --help: the pipeline as a table for the program, and for a command what it reads, writes and needs, its flags in
// groups, the flags of every command, an example.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace persona4rec {

class HelpFormatter final : public CLI::FormatterBase {
 public:
  // REQUIRES: `commands` outlives it.
  explicit HelpFormatter(const std::vector<std::unique_ptr<Command>>& commands) : commands_(commands) {}

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;

 private:
  [[nodiscard]] std::string program_help(const CLI::App& root) const;
  [[nodiscard]] static std::string command_help(const CLI::App& app, const CommandInfo& info);

  const std::vector<std::unique_ptr<Command>>& commands_;
};

}  // namespace persona4rec
