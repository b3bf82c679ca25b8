// Flags that hold numbers and words of a fixed set: use these, not app.add_option, for both.
//
// Numbers: CLI11 2.1 takes "-3" for an unsigned number as 2^64 - 3, "010" as eight and "nan" as a weight, so numbers
// are read here: all of the text, decimal, finite, in range, else an error that says what was expected.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace persona4rec {

// Closed: both ends are allowed.
template <class Number>
struct Range {
  Number min = std::numeric_limits<Number>::lowest();
  Number max = std::numeric_limits<Number>::max();
};

namespace number_flag {

template <class Number>
std::string text_of(Number value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

template <class Number>
std::string expectation(const Range<Number>& range) {
  std::string text = std::is_integral_v<Number> ? "a whole number" : "a number";
  const bool above = std::is_unsigned_v<Number> || range.min != std::numeric_limits<Number>::lowest();
  const bool below = range.max != std::numeric_limits<Number>::max();
  if (above && below) return text + " from " + text_of(range.min) + " to " + text_of(range.max);
  if (above) text += " >= " + text_of(range.min);
  if (below) text += " <= " + text_of(range.max);
  return text;
}

template <class Number>
Number parse(const std::string& flag, std::string_view text, const Range<Number>& range) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool good = error == std::errc() && end == text.data() + text.size() && value >= range.min && value <= range.max;
  if constexpr (std::is_floating_point_v<Number>) good = good && std::isfinite(value);
  if (!good) throw CLI::ValidationError(flag, "expected " + expectation(range) + ", got \"" + std::string(text) + "\"");
  return value;
}

template <class Number>
std::string join(const std::vector<Number>& values) {
  std::string text;
  for (const Number value : values) text += (text.empty() ? "" : ",") + text_of(value);
  return text;
}

}  // namespace number_flag

// `value` holds the default, which --help shows. Lives as long as the app.
template <class Number>
  requires std::is_arithmetic_v<Number>
CLI::Option* add_number(CLI::App& app, const std::string& flag, Number& value, const Range<Number>& range,
                        const std::string& description) {
  const auto set = [&value, flag, range](const std::string& text) { value = number_flag::parse(flag, text, range); };
  return app.add_option_function<std::string>(flag, set, description)
      ->type_name(std::is_integral_v<Number> ? "N" : "X")
      ->default_str(number_flag::text_of(value));
}

// A number that may be absent.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& flag, std::optional<Number>& value,
                        const Range<Number>& range, const std::string& description) {
  const auto set = [&value, flag, range](const std::string& text) { value = number_flag::parse(flag, text, range); };
  return app.add_option_function<std::string>(flag, set, description)
      ->type_name(std::is_integral_v<Number> ? "N" : "X");
}

// A list: "5,10,20", in a config [5, 10, 20]. Replaces the default.
template <class Number>
CLI::Option* add_numbers(CLI::App& app, const std::string& flag, std::vector<Number>& values,
                         const Range<Number>& range, const std::string& description) {
  const auto set = [&values, flag, range](const std::string& text) {
    values.clear();
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
      values.push_back(number_flag::parse(flag, part, range));
    }
    if (text.empty() || text.back() == ',') number_flag::parse(flag, "", range);
  };
  return app.add_option_function<std::string>(flag, set, description)
      ->type_name(std::is_integral_v<Number> ? "N,.." : "X,..")
      ->default_str(number_flag::join(values));
}

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
