#include "cli/usage_errors.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "cli/suggest.hpp"

namespace persona4rec {
namespace {

// Words of the published Python code, for people who bring them: docs/from-the-published-code.md.
struct PublishedWord {
  std::string_view word;
  std::string_view here;
};

constexpr std::array kTasks = {
    PublishedWord{"extract_aspects", "`persona4rec extract-aspects`"},
    PublishedWord{"generate_summary", "`persona4rec summarize`"},
    PublishedWord{"generate_personas", "`persona4rec personas`"},
    PublishedWord{"prepare_intermediate", "`persona4rec prepare`"},
    PublishedWord{"select_personas", "`persona4rec select`"},
    PublishedWord{"generate", "the commands extract-aspects, summarize, personas, prepare and select"},
    PublishedWord{"train_encoder", "`persona4rec train`"},
    PublishedWord{"build_cache", "`persona4rec cache`"},
    PublishedWord{"run", "scripts/run_pipeline.sh"},
};
constexpr std::array kFlags = {
    PublishedWord{"task", "the command's name: `persona4rec extract-aspects`, summarize, personas, .."},
    PublishedWord{"dataset", "a config: --config configs/amazon.toml, configs/yelp.toml or your own"},
    PublishedWord{"data_cfg", "a config: --config configs/<dataset>.toml (TOML, not YAML)"},
    PublishedWord{"num_sample", "--sample"},
    PublishedWord{"num_users", "--users"},
    PublishedWord{"min_history", "`select --newest`, of the split --min-history"},
    PublishedWord{"model_name", "--llm http --llm-model NAME, of the encoder --encoder DIR"},
    PublishedWord{"max_tokens", "--max-tokens"},
};

std::string answer(std::span<const PublishedWord> words, std::string word, std::string_view dashes) {
  std::ranges::replace(word, '-', '_');
  const auto found = std::ranges::find(words, std::string_view(word), &PublishedWord::word);
  if (found == words.end()) return {};
  return "; the published code's " + std::string(dashes) + word + " is " + std::string(found->here) +
         " here (docs/from-the-published-code.md)";
}

// A task's or a script's name, with "_" or "-", with ".py" or without; "" for any other word.
std::string published_task(std::string_view word) {
  if (word.ends_with(".py") || word.ends_with(".sh")) word.remove_suffix(3);
  return answer(kTasks, std::string(word), "");
}

std::string published_flag(std::string_view name) {
  return answer(kFlags, std::string(name), "--");
}

// The commands that know a flag, for people who gave it to another.
std::string owners_of(const std::string& flag, const CLI::App& root) {
  std::string owners;
  for (const CLI::App* app : commands_of(root)) {
    if (app->get_option_no_throw("--" + flag) != nullptr) owners += (owners.empty() ? "" : ", ") + app->get_name();
  }
  return owners.empty() ? "" : "; it is a flag of " + owners;
}

std::string unknown_flag(const std::string& argument, const CLI::App& root, const CLI::App* command) {
  const std::string flag = argument.substr(0, argument.find('='));
  const std::string name = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
  std::vector<std::string> known;
  if (command != nullptr) known = flag_names(*command, FlagKind::kAll);
  const auto shared = flag_names(root, FlagKind::kAll);
  known.insert(known.end(), shared.begin(), shared.end());
  std::string hint = owners_of(name, root);
  if (hint.empty()) hint = published_flag(name);
  return "unknown flag " + flag + (hint.empty() ? did_you_mean(name, known, "--") : hint);
}

std::string unknown_argument(const std::string& argument, const CLI::App& root, const CLI::App* command) {
  if (argument.starts_with("-")) return unknown_flag(argument, root, command);
  if (command != nullptr) return "unexpected argument \"" + argument + "\"";
  const auto published = published_task(argument);
  return "unknown command \"" + argument + "\"" +
         (published.empty() ? did_you_mean(argument, command_names(root)) : published);
}

// The first "--flag" in a text of CLI11; "" when there is none.
std::string flag_in(const std::string& message) {
  const std::size_t begin = message.find("--");
  if (begin == std::string::npos) return {};
  return message.substr(begin, message.find_first_of(": ", begin) - begin);
}

std::string in_our_words(const CLI::ParseError& error) {
  std::string message = error.what();
  const std::string flag = flag_in(message);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr || flag.empty()) return message;
  return flag + (message.find("missing") != std::string::npos ? ": a value is missing" : ": given more than once");
}

}  // namespace

Error to_usage_error(const CLI::ParseError& error, const CLI::App& root, const ConfigFormatter& config) {
  const auto chosen = root.get_subcommands();
  const CLI::App* command = chosen.empty() ? nullptr : chosen.front();
  const std::string hint =
      "\n`persona4rec " + (command == nullptr ? "" : command->get_name() + " ") + "--help` lists what there is";
  // A misspelt flag also leaves a needed one out: speak of the misspelt one.
  if (const auto extra = root.remaining(true); !extra.empty()) {
    return usage_error(unknown_argument(extra.front(), root, command) + hint);
  }
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr) {
    return {ErrorKind::kUsage, Place{.file = root.get_config_ptr()->as<std::string>()}, "is no readable file"};
  }
  if (command == nullptr) return usage_error("no command given" + hint);
  if (const Place* place = config.place_of(flag_in(error.what()))) {
    return {ErrorKind::kUsage, *place, in_our_words(error)};
  }
  return usage_error(in_our_words(error) + hint);
}

}  // namespace persona4rec
