#include "cli/help_formatter.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "cli/config_formatter.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kWidth = 80;       // columns of all help
constexpr std::size_t kFlagColumn = 28;  // where descriptions of flags begin

// Words of `text` in lines up to kWidth; the first line begins at column `used`, the others at `indent`.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t used) {
  std::istringstream words(text);
  std::string out;
  std::size_t column = used;
  bool line_start = true;
  for (std::string word; words >> word;) {
    if (!line_start && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
      line_start = true;
    }
    out += (line_start ? "" : " ") + word;
    column += word.size() + (line_start ? 0 : 1);
    line_start = false;
  }
  return out;
}

// "-h,--help", "files"
std::string option_names(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  std::string names;
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ",-") + name;
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ",--") + name;
  return names;
}

std::string option_help(const CLI::Option& option) {
  std::string left = "  " + option_names(option);
  if (option.get_type_size() != 0 && !option.get_type_name().empty()) left += " " + option.get_type_name();
  std::string description = option.get_description();
  if (option.get_required()) description += " (required)";
  if (!option.get_default_str().empty() && option.get_type_size() != 0) {
    description += " [default: " + option.get_default_str() + "]";
  }
  if (left.size() + 2 > kFlagColumn) {
    left += "\n" + std::string(kFlagColumn, ' ');
  } else {
    left.resize(kFlagColumn, ' ');
  }
  return left + wrapped(description, kFlagColumn, kFlagColumn) + "\n";
}

std::string options_help(const CLI::App& app) {
  std::string out;
  for (const std::string& group : app.get_groups()) {
    std::string lines;
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_group() == group && !group.empty()) lines += option_help(*option);
    }
    if (!lines.empty()) out.append("\n").append(group).append(":\n").append(lines);
  }
  return out;
}

using Row = std::array<std::string, 5>;  // stage, command, reads, writes, needs

std::vector<std::string> lines_of(const std::string& cell, std::size_t width) {
  std::istringstream words(cell);
  std::vector<std::string> lines(1);
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

// Cells wrap inside their columns.
std::string table_row(const Row& row) {
  constexpr std::array<std::size_t, 5> kWidths{1, 15, 24, 27, 5};
  std::array<std::vector<std::string>, 5> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < row.size(); ++i) {
    cells[i] = lines_of(row[i], kWidths[i]);
    height = std::max(height, cells[i].size());
  }
  std::string out;
  for (std::size_t line = 0; line < height; ++line) {
    std::string text = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::string cell = line < cells[i].size() ? cells[i][line] : "";
      cell.resize(std::max(cell.size(), kWidths[i]), ' ');
      text += " " + cell;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string usage_line(const CLI::App& app) {
  std::string line = "Usage: persona4rec " + app.get_name() + " [flags]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_name(true) + (option->get_expected_max() > 1 ? "..." : "");
    line += option->get_required() ? " " + name : " [" + name + "]";
  }
  return line + "\n";
}

constexpr const char* kLastWords = R"(
Flags come from the command line or from a config (--config FILE); the command
line wins. `persona4rec COMMAND --help` tells the rest.
)";

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  for (const auto& command : commands_) {
    if (command->info().name == app->get_name()) return command_help(*app, command->info());
  }
  return program_help(*app);
}

std::string HelpFormatter::program_help(const CLI::App& root) const {
  std::string out = wrapped(root.get_description(), 0, 0) + "\n\nUsage: persona4rec COMMAND [flags]\n\n";
  out += "The pipeline, in order:\n" + table_row({"#", "command", "reads", "writes", "needs"});
  std::string helpers;
  for (const auto& command : commands_) {
    const CommandInfo& info = command->info();
    const std::string number = info.stage > 0 ? std::to_string(info.stage) : "";
    (info.stage > 0 ? out : helpers) += table_row({number, info.name, info.reads, info.writes, info.needs});
  }
  if (!helpers.empty()) out += "\nBeside it:\n" + helpers;
  return out + options_help(root) + "\nExit codes:\n" + kExitCodes + kLastWords;
}

std::string HelpFormatter::command_help(const CLI::App& app, const CommandInfo& info) {
  std::string out = "persona4rec " + info.name + ": " + info.summary;
  out = wrapped(out, 2, 0) + "\n\n";
  for (const auto& [label, text] : {std::pair{"reads", info.reads}, {"writes", info.writes}, {"needs", info.needs}}) {
    std::string left = std::string("  ") + label;
    left.resize(10, ' ');
    out += left + wrapped(text, 10, 10) + "\n";
  }
  out += "\n" + usage_line(app) + options_help(app) + options_help(*app.get_parent());
  if (!info.notes.empty()) out += "\n" + wrapped(info.notes, 0, 0) + "\n";
  return out + "\nExample:\n  " + wrapped(info.example, 6, 2) + "\n";
}

}  // namespace persona4rec
