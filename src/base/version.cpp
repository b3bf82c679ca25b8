#include "base/version.hpp"

#include <charconv>

namespace persona4rec {

namespace {

int major_of(std::string_view text) {
  int major = 0;
  std::from_chars(text.data(), text.data() + text.size(), major);
  return major;
}

}  // namespace

bool is_newer_major(std::string_view other) {
  return major_of(other) > major_of(version());
}

std::string_view version() {
  return P4R_VERSION;
}

}  // namespace persona4rec
