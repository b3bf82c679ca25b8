// How a command of the program is written and registered.
//
// One command = one file src/cli/commands/<command>_command.cpp with one class, thin: flags -> Options -> one library
// call -> one summary line. It exposes one factory, declared in command_table.hpp and listed in command_table.cpp.
// Flags that several commands know come from src/cli/flags/, so that a flag has one name, default and check everywhere.
// A complete command to read first: commands/prepare_command.cpp.
//
// Rules: results go to stdout through print_result() (console.hpp), everything else through the context; errors are
// thrown; every flag has a description and a group; numbers are add_number or add_numbers (flags/values.hpp), words of
// a fixed set add_choice (flags/values.hpp); the config's keys are the long flag names, nothing to do for them.
// --config, --workspace, --quiet, --log-level and --help exist for every command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/config_file.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/progress.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class ProgressDisplay;

// What --help says about a command, and its row in the pipeline's table.
struct CommandInfo {
  int stage = 0;          // 1..9 = place in the pipeline, 0 = a helper beside it
  std::string name;       // "extract-aspects": also its section in a config file
  std::string summary;    // one sentence
  std::string reads;      // "raw reviews"
  std::string writes;     // "1_aspects.jsonl"
  std::string needs;      // "llm", "torch", "-"
  bool by_ranks = false;  // may be one of several processes: those but the first keep quiet
  std::string example;    // a command line that works
  std::string notes;      // further lines under the options of --help; may be empty
};

// The last line of a stage on stderr: "select: 120 targets, 2 set aside; wrote w/4_selected_personas.jsonl (1.2 s)".
struct StageSummary {
  std::vector<std::pair<std::string, std::uint64_t>> counts;  // in this order; but the first, zeros are left out
  std::vector<std::filesystem::path> wrote;                   // may be empty
  std::string note;                                           // free text after the counts; may be empty
};

// What every command gets when it runs.
class CommandContext {
 public:
  Workspace workspace;
  ConfigFile config;    // empty without --config
  ProgressFn progress;  // a bar or lines on stderr; silent with --quiet

  CommandContext(std::string command, bool quiet);
  // Ends the progress display and says what was done, on stderr; silent with --quiet.
  void summary(const StageSummary& summary) const;

 private:
  std::string command_;
  bool quiet_;
  double started_s_;
  std::shared_ptr<ProgressDisplay> display_;  // null with --quiet
};

class Command {
 public:
  explicit Command(CommandInfo info) : info_(std::move(info)) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  [[nodiscard]] const CommandInfo& info() const { return info_; }

  // Binds this object's members to flags of `app`. Called once, before parsing.
  virtual void add_flags(CLI::App& app) = 0;
  // Called once, after parsing, when this is the command. Throws Error.
  virtual void run(const CommandContext& context) = 0;

 private:
  CommandInfo info_;
};

}  // namespace persona4rec
