// What is known of English words by themselves: those of the stop list, and judging ones ("great", "boring"). Data, not
// rules. Thread-safety: re-entrant.
#pragma once

#include <string_view>

namespace persona4rec {

struct WordKind {
  bool stop = false;
  bool judging = false;
};

// Of a word in small letters: one look for both.
[[nodiscard]] WordKind word_kind(std::string_view lower);

}  // namespace persona4rec
