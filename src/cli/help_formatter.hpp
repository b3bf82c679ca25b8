// --help: the pipeline as a table for the program, and for a command what it reads, writes and needs, its flags in
// groups, the flags of every command, an example.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace persona4rec {

// A line each: the program's exit codes.
inline constexpr const char* kExitCodes = R"(  0  done
  1  output, disk, internal error
  2  flags or config
  3  an input that cannot be used
  4  the language-model service failed, or more answers were rejected than
     allowed
  5  an eval gate failed
  128+n  ended by signal n; nothing half-written is left
)";

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
