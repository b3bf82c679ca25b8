#include <CLI/CLI.hpp>

#include "cli/command_table.hpp"
#include "cli/console.hpp"
#include "workspace/workspace_status.hpp"

namespace persona4rec {
namespace {

class StatusCommand final : public Command {
 public:
  StatusCommand()
      : Command({.name = "status",
                 .summary = "Say what a workspace holds, what of it is out of date, and which command comes next.",
                 .reads = "meta and run files of the workspace",
                 .writes = "a table on stdout",
                 .needs = "-",
                 .example = "persona4rec status --workspace runs/amazon",
                 .notes = "fresh: made from its inputs as they are now. stale: an input, the artifact itself or the "
                          "program changed since. foreign: there, without a meta file. Any command given --if-stale "
                          "does nothing where the same call has made what lies there, and all of it is fresh."}) {}

  void add_flags(CLI::App& app) override {
    app.add_flag("--as-json", json_, "Print JSON instead of text")->group("Output");
    app.add_flag("--verify", verify_, "Hash every artifact, also where its time says that nothing changed")
        ->group("Output");
  }

  void run(const CommandContext& context) override {
    const auto status = workspace_status(context.workspace.root, verify_);
    print_result(json_ ? to_json(status).dump(2) + "\n" : status_table(status));
  }

 private:
  bool json_ = false;
  bool verify_ = false;
};

}  // namespace

std::unique_ptr<Command> make_status_command() {
  return std::make_unique<StatusCommand>();
}

}  // namespace persona4rec
