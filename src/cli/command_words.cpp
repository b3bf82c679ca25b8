#include "cli/command_words.hpp"

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/shell.hpp"
#include "cli/config_formatter.hpp"

namespace persona4rec {
namespace {

std::vector<std::string> choices_of(const std::string& type) {
  std::vector<std::string> words;
  if (type.find('|') == std::string::npos || type.find_first_of("[]") != std::string::npos) return {};
  std::istringstream parts(type);
  for (std::string word; std::getline(parts, word, '|');) {
    if (word.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos) words.push_back(word);
  }
  return words;
}

FlagWords flag_words(const CLI::Option& option) {
  FlagWords words;
  for (const auto& name : option.get_snames()) words.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) words.names.push_back("--" + name);
  if (option.get_type_size() != 0) words.argument = option.get_type_name();
  words.choices = choices_of(words.argument);
  words.takes_path = takes_path(option);
  words.description = option.get_description();
  return words;
}

CommandWords words_of(const CLI::App& app, const std::string& name) {
  CommandWords words{.name = name, .summary = app.get_description(), .flags = {}};
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) words.flags.push_back(flag_words(*option));
  }
  return words;
}

std::string joined_by(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string names_of(const CommandWords& command) {
  std::string names;
  for (const auto& flag : command.flags) {
    if (!flag.names.empty()) names += (names.empty() ? "" : " ") + joined_by(flag.names, " ");
  }
  return names;
}

// "command:--flag|command:-f) ..." of what follows a flag.
void add_bash_values(std::string& out, const CommandWords& command) {
  for (const auto& flag : command.flags) {
    if (flag.names.empty() || flag.argument.empty()) continue;
    std::vector<std::string> patterns;
    patterns.reserve(flag.names.size());
    for (const auto& name : flag.names) patterns.push_back((command.name.empty() ? "*" : command.name) + ":" + name);
    out += "    " + joined_by(patterns, "|") + ") ";
    if (!flag.choices.empty()) {
      out +=
          "COMPREPLY=($(compgen -W " + shell_quoted(joined_by(flag.choices, " ")) + " -- \"$current\")); return ;;\n";
    } else {
      out += flag.takes_path ? "COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n" : "return ;;\n";
    }
  }
}

std::string bash_script(const std::vector<CommandWords>& commands) {
  std::string names;
  std::string values;
  std::string flags;
  const std::string shared = names_of(commands.back());
  for (const auto& command : commands) {
    add_bash_values(values, command);
    if (command.name.empty()) continue;
    names += (names.empty() ? "" : " ") + command.name;
    std::string words = names_of(command) + " " + shared;
    for (const auto& flag : command.flags) {
      if (flag.names.empty()) words.insert(0, joined_by(flag.choices, " ") + " ");
    }
    flags += "    " + command.name + ") words=" + shell_quoted(words) + " ;;\n";
  }
  return "# bash completion of persona4rec: source it, or put it into\n"
         "# ~/.local/share/bash-completion/completions/persona4rec\n"
         "_persona4rec() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command='' word words\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \" " +
         names +
         " \" in *\" $word \"*) command=$word; break ;; esac\n"
         "  done\n"
         "  COMPREPLY=()\n"
         "  case $command:$previous in\n" +
         values +
         "  esac\n"
         "  case $command in\n" +
         flags + "    *) words=" + shell_quoted(names + " help version " + shared) +
         " ;;\n"
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  [[ $current == -* || -z $command ]] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
         "}\n"
         "complete -o filenames -F _persona4rec persona4rec\n";
}

// What zsh's _arguments gives special meaning is escaped.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_value(const FlagWords& flag) {
  if (flag.argument.empty()) return {};
  std::string value = ":" + zsh_text(flag.argument) + ":";
  if (!flag.choices.empty()) return value + "(" + joined_by(flag.choices, " ") + ")";
  return flag.takes_path ? value + "_files" : value;
}

void add_zsh_flags(std::string& out, const CommandWords& command) {
  for (const auto& flag : command.flags) {
    if (flag.names.empty()) {
      out +=
          " \\\n        " + shell_quoted("*:" + zsh_text(flag.description) + ":" +
                                         (flag.choices.empty() ? "_files" : "(" + joined_by(flag.choices, " ") + ")"));
      continue;
    }
    const std::string behind = "[" + zsh_text(flag.description) + "]" + zsh_value(flag);
    for (const auto& name : flag.names) out += " \\\n        " + shell_quoted(name + behind);
  }
}

std::string zsh_script(const std::vector<CommandWords>& commands) {
  std::string described;
  std::string cases;
  for (const auto& command : commands) {
    if (command.name.empty()) continue;
    described += "    " + shell_quoted(zsh_text(command.name) + ":" + command.summary) + "\n";
    cases += "      " + command.name + ")\n        _arguments";
    add_zsh_flags(cases, command);
    add_zsh_flags(cases, commands.back());
    cases += " ;;\n";
  }
  std::string root;
  add_zsh_flags(root, commands.back());
  return "#compdef persona4rec\n"
         "# zsh completion of persona4rec: put it into a folder of $fpath as _persona4rec\n"
         "_persona4rec() {\n"
         "  local -a commands\n"
         "  local state line\n"
         "  commands=(\n" +
         described +
         "  )\n"
         "  _arguments -C" +
         root +
         " \\\n        '1:command:->command' '*::argument:->argument'\n"
         "  case $state in\n"
         "    command) _describe command commands ;;\n"
         "    argument)\n"
         "      case $line[1] in\n" +
         cases +
         "      esac ;;\n"
         "  esac\n"
         "}\n"
         "_persona4rec \"$@\"\n";
}

void add_fish_flags(std::string& out, const CommandWords& command, const std::string& condition) {
  for (const auto& flag : command.flags) {
    std::string line = "complete -c persona4rec" + condition;
    for (const auto& name : flag.names)
      line += (name.starts_with("--") ? " -l " : " -s ") + name.substr(name.find_first_not_of('-'));
    if (flag.names.empty() && flag.choices.empty()) line += " -F";
    if (!flag.choices.empty()) line += " -x -a " + shell_quoted(joined_by(flag.choices, " "));
    if (flag.choices.empty() && !flag.argument.empty() && !flag.names.empty())
      line += flag.takes_path ? " -r -F" : " -x";
    out += line + " -d " + shell_quoted(flag.description) + "\n";
  }
}

std::string fish_script(const std::vector<CommandWords>& commands) {
  std::string out =
      "# fish completion of persona4rec: put it into ~/.config/fish/completions/persona4rec.fish\n"
      "complete -c persona4rec -f\n";
  for (const auto& command : commands) {
    if (command.name.empty()) {
      add_fish_flags(out, command, "");
      continue;
    }
    out += "complete -c persona4rec -n __fish_use_subcommand -a " + command.name + " -d " +
           shell_quoted(command.summary) + "\n";
    add_fish_flags(out, command, " -n '__fish_seen_subcommand_from " + command.name + "'");
  }
  return out;
}

}  // namespace

std::vector<CommandWords> command_words(const CLI::App& root) {
  std::vector<CommandWords> all;
  for (const CLI::App* command : commands_of(root)) all.push_back(words_of(*command, command->get_name()));
  all.push_back(words_of(root, ""));
  return all;
}

std::string completion_script(const std::vector<CommandWords>& commands, Shell shell) {
  if (shell == Shell::kBash) return bash_script(commands);
  return shell == Shell::kZsh ? zsh_script(commands) : fish_script(commands);
}

}  // namespace persona4rec
