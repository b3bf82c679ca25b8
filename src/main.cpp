// persona4rec: see README.md. The program's one try/catch: every error becomes a line on stderr and an exit code.
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/stop.hpp"
#include "cli/console.hpp"
#include "cli/program.hpp"
#include "persona4rec/error.hpp"

namespace {

constexpr int kReaderGone = 128 + SIGPIPE;

int fail(const std::string& message, int exit_code) {
  persona4rec::print_message("error: " + message);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    persona4rec::install_stop_signals();
    return persona4rec::run_program({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const persona4rec::Error& error) {
    if (error.exit_code() == kReaderGone) return kReaderGone;  // as a program that SIGPIPE ends, without a word
    return fail(error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    return fail("out of memory", 1);
  } catch (const std::exception& error) {  // a failed file operation names its path
    return fail(error.what(), 1);
  }
}
