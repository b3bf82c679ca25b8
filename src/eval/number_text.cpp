#include "eval/number_text.hpp"

#include "base/format.hpp"

namespace persona4rec {

std::string share_text(double value, int digits) {
  const auto text = fixed_text(value, digits);
  return text.starts_with("0.") ? text.substr(1) : text;
}

std::string signed_percent_text(double value) {
  const auto text = number_text("%+.1f", value * 100);
  return text == "+0.0" || text == "-0.0" ? "0.0" : text;
}

}  // namespace persona4rec
