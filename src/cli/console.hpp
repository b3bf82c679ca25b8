// The two streams of the program: stdout carries results and nothing else, stderr everything for people.
#pragma once

#include <string_view>

namespace persona4rec {

// Writes to stdout and flushes. Throws Error kOutput (a full disk, a closed pipe).
void print_result(std::string_view text);

// One line on stderr, over a progress bar that may stand there.
void print_message(std::string_view line);

[[nodiscard]] bool stderr_is_terminal();

}  // namespace persona4rec
