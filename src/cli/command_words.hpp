// What the command line knows, gathered for those who write it down elsewhere: shell completions and the man page.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace persona4rec {

struct FlagWords {
  std::vector<std::string> names;    // "-o", "--aspects", "--output"; empty for a positional argument
  std::string argument;              // "PATH", "auto|jsonl|trec", "item|user"; empty for a switch
  std::vector<std::string> choices;  // "auto", "jsonl", "trec"; empty where anything may stand
  bool takes_path = false;           // file names complete it
  std::string description;
};

struct CommandWords {
  std::string name;     // empty for the flags of every command
  std::string summary;  // one sentence
  std::vector<FlagWords> flags;
};

// Every command, in the order of --help; the flags of every command last, under the empty name.
[[nodiscard]] std::vector<CommandWords> command_words(const CLI::App& root);

enum class Shell { kBash, kZsh, kFish };
// A script that the shell reads. Source of each form: the shells' manuals (bash: Programmable Completion; zsh:
// zshcompsys; fish: complete).
[[nodiscard]] std::string completion_script(const std::vector<CommandWords>& commands, Shell shell);

}  // namespace persona4rec
