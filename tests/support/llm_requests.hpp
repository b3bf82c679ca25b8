// Requests, options and children for tests of the language-model client.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "persona4rec/error.hpp"
#include "persona4rec/llm.hpp"
#include "support/llm_server.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

inline std::shared_ptr<const Json> taste_schema() {
  static const auto kSchema = std::make_shared<const Json>(Json::parse(
      R"({"type":"object","required":["taste","score","note"],"additionalProperties":false,
          "properties":{"taste":{"type":"string"},"score":{"type":"integer"},"note":{"type":["string","null"]}}})"));
  return kSchema;
}

inline ChatRequest taste_request(std::uint64_t row) {
  ChatRequest request;
  request.stage = "extract_aspects";
  request.label = "review " + std::to_string(row);
  request.system = "You read reviews.";
  request.user = "Review number " + std::to_string(row) + ": a fine record, warm and slow.";
  request.schema = taste_schema();
  request.sampling = {.temperature = 0, .max_tokens = 100};
  request.facts = {{"row", row}};
  return request;
}

inline RequestStream taste_requests(std::uint64_t rows) {
  auto next = std::make_shared<std::uint64_t>(0);
  return [next, rows]() -> std::optional<ChatRequest> {
    if (*next == rows) return std::nullopt;
    return taste_request((*next)++);
  };
}

// What a stage would write: the outcomes in input order.
inline std::string outcomes(ChatClient& client, std::uint64_t rows) {
  std::string text;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const ChatOutcome outcome = client.outcome(taste_request(row));
    text += std::to_string(row) +
            (outcome.status == ChatStatus::kOk ? " ok " + outcome.answer.dump() : " rejected " + outcome.reason) + "\n";
  }
  return text;
}

inline LlmOptions http_options(const LlmServer& server, const TempDir& folder) {
  LlmOptions options;
  options.provider = LlmProvider::kHttp;
  options.base_url = server.url();
  options.model = "test-model";
  options.store = folder / "llm.sqlite";
  options.timeout_s = 20;
  return options;
}

// Asks for everything and returns the outcomes.
inline std::string ask_all(const LlmOptions& options, std::uint64_t rows, ChatTotals* totals = nullptr) {
  const auto client = make_chat_client(options);
  client->ask(taste_requests(rows));
  if (totals != nullptr) *totals = client->totals();
  return outcomes(*client, rows);
}

// The message and kind of the Error that `work` throws.
struct Thrown {
  std::optional<ErrorKind> kind;
  std::string message;
  int exit_code = 0;
  bool says(std::string_view text) const { return message.find(text) != std::string::npos; }
};
inline Thrown error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return {.kind = error.kind(), .message = error.what(), .exit_code = error.exit_code()};
  }
  return {.kind = std::nullopt, .message = "(nothing was thrown)"};
}

// A process that does some work: to be killed, or to have limits of its own. Exit code 0, or an Error's with its
// message in `folder`/error.txt.
class Child {
 public:
  Child(const TempDir& folder, const std::function<void()>& work) : message_(folder / "error.txt") {
    pid_ = fork();
    if (pid_ != 0) return;
    const Thrown thrown = error_of(work);
    if (thrown.kind) std::ofstream(message_) << thrown.message;
    std::_Exit(thrown.exit_code);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    send(SIGKILL);
    wait();
  }

  void send(int signal_number) const {
    if (pid_ > 0) kill(pid_, signal_number);
  }
  // Exit code, or 128 + signal.
  int wait() {
    if (pid_ <= 0) return code_;
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
  }
  [[nodiscard]] std::string message() const { return std::filesystem::exists(message_) ? read_file(message_) : ""; }

 private:
  std::filesystem::path message_;
  pid_t pid_ = 0;
  int code_ = -1;
};

// Sets a variable for the time of a test.
class ScopedEnvironment {
 public:
  ScopedEnvironment(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) before_ = before;
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;
  ~ScopedEnvironment() {
    if (before_)
      setenv(name_.c_str(), before_->c_str(), 1);
    else
      unsetenv(name_.c_str());
  }

 private:
  std::string name_;
  std::optional<std::string> before_;
};

// Rows of the tests whose size tells: fewer by default, so that all tests together stay quick; the full numbers are run
// by bench/llm_bench.sh.
inline std::uint64_t rows_from_environment(std::uint64_t by_default) {
  const char* given = std::getenv("P4R_LLM_TEST_ROWS");
  return given == nullptr ? by_default : std::stoull(given);
}

}  // namespace persona4rec::test
