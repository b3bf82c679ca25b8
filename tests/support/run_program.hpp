// Runs the real program and captures what it does.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

struct RunSettings {
  std::map<std::string, std::string> environment{};  // added to the test's own
  std::string input{};                               // stdin
  std::filesystem::path input_file{};                // stdin from a file or FIFO instead
  std::filesystem::path directory{};                 // working directory; empty = the test's own
  std::filesystem::path program{};                   // another copy of the program; empty = the one that was built
};

struct RunResult {
  int exit_code = -1;  // 128 + n when a signal ended it
  std::string out;
  std::string err;
};

// A started program. Its streams go through files, so that no pipe can fill up.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments, const RunSettings& settings = {}) {
    const auto input = settings.input_file.empty() ? streams_.write("in", settings.input) : settings.input_file;
    for (const char* name : {"out", "err"}) (void)streams_.write(name, "");
    std::vector<std::string> words = {settings.program.empty() ? program_file() : settings.program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    if (pid_ == 0) become(argv.data(), input, settings);
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  void send(int signal_number) const { kill(pid_, signal_number); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string err_so_far() const { return read_file(streams_ / "err"); }

  RunResult wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .out = read_file(streams_ / "out"),
            .err = read_file(streams_ / "err")};
  }

 private:
  [[noreturn]] void become(char** argv, const std::filesystem::path& input, const RunSettings& settings) const {
    redirect(open(input.c_str(), O_RDONLY), STDIN_FILENO);
    redirect(open((streams_ / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    redirect(open((streams_ / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    for (const auto& [name, value] : settings.environment) setenv(name.c_str(), value.c_str(), 1);
    if (!settings.directory.empty() && chdir(settings.directory.c_str()) != 0) _exit(126);
    execv(argv[0], argv);
    _exit(127);
  }
  static void redirect(int from, int to) {
    if (from < 0 || dup2(from, to) < 0) _exit(125);
    close(from);
  }

  TempDir streams_;
  pid_t pid_ = 0;
};

inline RunResult run_program(const std::vector<std::string>& arguments, const RunSettings& settings = {}) {
  return RunningProgram(arguments, settings).wait();
}

}  // namespace persona4rec::test
