#include "cli/usage_errors.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "cli/suggest.hpp"

namespace persona4rec {
namespace {

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
  const std::string owners = owners_of(name, root);
  return "unknown flag " + flag + (owners.empty() ? did_you_mean(name, known, "--") : owners);
}

std::string unknown_argument(const std::string& argument, const CLI::App& root, const CLI::App* command) {
  if (argument.starts_with("-")) return unknown_flag(argument, root, command);
  if (command != nullptr) return "unexpected argument \"" + argument + "\"";
  return "unknown command \"" + argument + "\"" + did_you_mean(argument, command_names(root));
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
