#include <CLI/CLI.hpp>

#include "base/version.hpp"
#include "cli/command_table.hpp"
#include "cli/command_words.hpp"
#include "cli/console.hpp"
#include "cli/help_formatter.hpp"

namespace persona4rec {
namespace {

// A line of text as roff takes it: no backslash, no dot or apostrophe in front, a minus that can be copied.
std::string roff(const std::string& text) {
  std::string out = text.starts_with(".") || text.starts_with("'") ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else {
      out += c == '-' ? "\\-" : std::string(1, c);
    }
  }
  return out;
}

void add_flags_page(std::string& page, const CommandWords& command) {
  for (const auto& flag : command.flags) {
    std::string names;
    for (const auto& name : flag.names) names += (names.empty() ? "" : ", ") + name;
    page +=
        ".TP\n\\fB" + roff(names) + "\\fR" +
        (flag.argument.empty() ? "" : std::string(names.empty() ? "" : " ") + "\\fI" + roff(flag.argument) + "\\fR") +
        "\n" + roff(flag.description) + "\n";
  }
}

std::string man_page(const CLI::App& root) {
  std::string page = ".TH PERSONA4REC 1 \"\" \"persona4rec " + std::string(version()) +
                     "\" \"User Commands\"\n.SH NAME\npersona4rec \\- rerank candidate lists by personas of items\n"
                     ".SH SYNOPSIS\n.B persona4rec\n.I COMMAND\n.RI [ flags ]\n.SH DESCRIPTION\n" +
                     roff(root.get_description()) + "\n.SH COMMANDS\n";
  const auto all = command_words(root);
  for (const auto& command : all) {
    if (!command.name.empty()) page += ".TP\n\\fB" + roff(command.name) + "\\fR\n" + roff(command.summary) + "\n";
  }
  for (const auto& command : all) {
    page += command.name.empty() ? ".SH FLAGS OF EVERY COMMAND\n" : ".SH FLAGS OF " + roff(command.name) + "\n";
    add_flags_page(page, command);
  }
  page += ".SH EXIT STATUS\n.nf\n";
  std::istringstream codes(kExitCodes);
  for (std::string line; std::getline(codes, line);) page += roff(line) + "\n";
  return page + ".fi\n";
}

class ManCommand final : public Command {
 public:
  ManCommand()
      : Command({.name = "man",
                 .summary = "Print the manual page, made from this program's own commands and flags.",
                 .reads = "-",
                 .writes = "a page for man(1) on stdout",
                 .needs = "-",
                 .example = "persona4rec man | man -l -"}) {}

  void add_flags(CLI::App& app) override { app_ = &app; }

  void run(const CommandContext& /*context*/) override { print_result(man_page(*app_->get_parent())); }

 private:
  CLI::App* app_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_man_command() {
  return std::make_unique<ManCommand>();
}

}  // namespace persona4rec
