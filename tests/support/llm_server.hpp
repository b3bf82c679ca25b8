// Runs the fault server (tests/support/llm_server) for a test and asks it what it has seen.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "llm/transport/transport.hpp"
#include "persona4rec/json.hpp"
#include "support/paths.hpp"

namespace persona4rec::test {

class LlmServer {
 public:
  explicit LlmServer(const Json& config = Json::object()) : scheme_(config.contains("certificate") ? "https" : "http") {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    const std::string& program = fault_server_file();
    const std::string text = config.dump();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      execl(program.c_str(), program.c_str(), text.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    FILE* out = fdopen(ends[0], "r");
    const int read = std::fscanf(out, "port %d", &port_);
    std::fclose(out);
    if (read != 1) throw std::runtime_error("the fault server did not start: " + program);
  }
  LlmServer(const LlmServer&) = delete;
  LlmServer& operator=(const LlmServer&) = delete;
  ~LlmServer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] std::string origin() const { return scheme_ + "://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url() const { return origin() + "/v1"; }

  [[nodiscard]] Json stats() const {
    Transport transport(Secret(), 1);
    HttpRequest request;
    request.url = origin() + "/stats";
    request.timeout = std::chrono::seconds(20);
    transport.start(1, request);
    std::optional<std::string> body;
    while (!body)
      transport.wait(std::chrono::milliseconds(100),
                     [&](std::uint64_t, HttpResponse&& response) { body = std::move(response.body); });
    return Json::parse(*body);
  }
  // A figure of the stats; of kinds of faults 0 when there was none.
  [[nodiscard]] std::uint64_t count(const std::string& name) const { return stats().at(name).get<std::uint64_t>(); }
  [[nodiscard]] std::uint64_t faults(const std::string& kind) const {
    return stats().at("faults").value(kind, std::uint64_t{0});
  }

 private:
  std::string scheme_;
  pid_t pid_ = 0;
  int port_ = 0;
};

}  // namespace persona4rec::test
