// A flag with a fixed set of words: `--split leave-one-out|temporal|reference|none`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace persona4rec {

template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

template <class Value>
[[nodiscard]] std::string join_choices(const Choices<Value>& choices) {
  std::string text;
  for (const auto& [word, value] : choices) text += (text.empty() ? "" : "|") + word;
  return text;
}

// `value` holds the default, which --help shows. Lives as long as the app.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& flag, Value& value, const Choices<Value>& choices,
                        const std::string& description) {
  const auto set = [&value, choices, flag](const std::string& given) {
    for (const auto& [word, meaning] : choices) {
      if (word != given) continue;
      value = meaning;
      return;
    }
    throw CLI::ValidationError(flag, "expected " + join_choices(choices) + ", got \"" + given + "\"");
  };
  CLI::Option* option = app.add_option_function<std::string>(flag, set, description);
  option->type_name(join_choices(choices));
  for (const auto& [word, meaning] : choices) {
    if (meaning == value) option->default_str(word);
  }
  return option;
}

}  // namespace persona4rec
