#include "cli/console.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "persona4rec/error.hpp"

namespace persona4rec {

void print_result(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw Error::from_signal(SIGPIPE);  // "| head" has seen enough
  throw output_error("standard output", std::strerror(errno));
}

void print_message(std::string_view line) {
  std::string text = stderr_is_terminal() ? "\r\x1b[K" : "";
  text.append(line).push_back('\n');
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool stderr_is_terminal() {
  static const bool kTerminal = isatty(STDERR_FILENO) == 1;
  return kTerminal;
}

}  // namespace persona4rec
