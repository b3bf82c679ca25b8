#include <CLI/CLI.hpp>

#include "cli/command_table.hpp"
#include "cli/command_words.hpp"
#include "cli/console.hpp"
#include "cli/flags/values.hpp"

namespace persona4rec {
namespace {

class CompletionCommand final : public Command {
 public:
  CompletionCommand()
      : Command({.name = "completion",
                 .summary = "Print what makes a shell complete commands, flags, choices and files.",
                 .reads = "-",
                 .writes = "a script on stdout",
                 .needs = "-",
                 .example = "persona4rec completion bash",
                 .notes = "bash: source <(persona4rec completion bash). zsh: save it as _persona4rec in a folder of "
                          "$fpath. fish: save it as ~/.config/fish/completions/persona4rec.fish."}) {}

  void add_flags(CLI::App& app) override {
    app_ = &app;
    add_choice<Shell>(app, "shell", shell_, {{"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}},
                      "Which shell")
        ->required()
        ->group("What");
  }

  void run(const CommandContext& /*context*/) override {
    print_result(completion_script(command_words(*app_->get_parent()), shell_));
  }

 private:
  CLI::App* app_ = nullptr;
  Shell shell_ = Shell::kBash;
};

}  // namespace

std::unique_ptr<Command> make_completion_command() {
  return std::make_unique<CompletionCommand>();
}

}  // namespace persona4rec
