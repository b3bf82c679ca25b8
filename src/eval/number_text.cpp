#include "eval/number_text.hpp"

#include "base/format.hpp"

namespace persona4rec {

std::string share_text(double value, int digits) {
  const auto text = fixed_text(value, digits);
  return text.starts_with("0.") ? text.substr(1) : text;
}

std::string signed_percent_text(double value, int digits) {
  const auto text = number_text(("%+." + std::to_string(digits) + "f").c_str(), value * 100);
  const bool is_zero = text.find_first_not_of("+-0.") == std::string::npos && text != "--";
  return is_zero ? fixed_text(0, digits) : text;
}

}  // namespace persona4rec
