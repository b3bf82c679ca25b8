// "Did you mean ...?": the known word nearest to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace persona4rec {

// Insertions, deletions, changes and swaps of neighbours that turn one word into the other (optimal string alignment).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// "; did you mean <prefix><word>?" for the nearest known word, "" when none is near (at most a third of its letters
// differ). Of equally near words the first.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& known,
                                       std::string_view prefix = "");

}  // namespace persona4rec
