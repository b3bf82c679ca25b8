// Plain cases of what no persona may say of people: health, religion, politics, sex life, origin. Thread-safety:
// re-entrant.
#pragma once

#include <string>
#include <string_view>

namespace persona4rec {

// The words of `text` that ascribe such a trait to a person ("devout Catholic", "a gay man", "suffers from
// depression", "votes Republican"), lower-case; empty when none do. Names of genres and topics are none ("Christian
// rock fan", "gay romance"): only a trait that a person stands right beside is found. English.
[[nodiscard]] std::string sensitive_trait(std::string_view text);
[[nodiscard]] inline bool is_sensitive(std::string_view text) {
  return !sensitive_trait(text).empty();
}

}  // namespace persona4rec
