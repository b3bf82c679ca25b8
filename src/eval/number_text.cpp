#include "eval/number_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace persona4rec {
namespace {

std::string formatted(const char* format, int digits, double value) {
  if (std::isnan(value)) return "--";
  std::array<char, 400> text{};  // a double has at most 309 digits before the point
  std::snprintf(text.data(), text.size(), format, digits, value);
  return text.data();
}

}  // namespace

std::string share_text(double value, int digits) {
  const auto text = formatted("%.*f", digits, value);
  return text.starts_with("0.") ? text.substr(1) : text;
}

std::string signed_percent_text(double value) {
  const auto text = formatted("%+.*f", 1, value * 100);
  return text == "+0.0" || text == "-0.0" ? "0.0" : text;
}

std::string plain_text(double value, int digits) {
  return formatted("%.*f", digits, value);
}

}  // namespace persona4rec
