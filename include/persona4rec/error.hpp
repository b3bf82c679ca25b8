// Errors: one exception type with a kind (which fixes the exit code) and a place (file, line, field).
//
// Libraries throw Error and never print, exit or abort; src/main.cpp holds the program's only try/catch.
// Thread-safety: value type; worker threads hand errors over as std::exception_ptr.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace persona4rec {

enum class ErrorKind : std::uint8_t {
  kInternal,  // a broken promise of our own code                       exit 1
  kOutput,    // an output that cannot be written (disk, permissions)    exit 1
  kUsage,     // flags or config                                         exit 2
  kInput,     // an input that cannot be used                            exit 3
  kService,   // LLM service, budget, or more rejects than allowed       exit 4
  kGate,      // an eval gate failed                                     exit 5
  kSignal,    // ended by SIGINT/SIGTERM                                 exit 128 + signal number
};

// Where an error is. Empty parts are left out of the text: `reviews.jsonl:1042: field "rating": `.
struct Place {
  std::string file;
  std::uint64_t line = 0;  // 1-based; 0 = the whole file
  std::string field;       // JSON field or "results[3].score"; empty = the whole line
};

[[nodiscard]] std::string to_string(const Place& place);

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string_view message);
  Error(ErrorKind kind, const Place& place, std::string_view message);

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  // The process exit code of this kind; a signal error carries its signal number.
  [[nodiscard]] int exit_code() const noexcept;
  // REQUIRES: signal_number > 0.
  [[nodiscard]] static Error from_signal(int signal_number);

 private:
  ErrorKind kind_;
  int signal_ = 0;
};

// A language model's budget is used up (kService): what is left may be answered in another way.
class BudgetError : public Error {
 public:
  explicit BudgetError(std::string_view message) : Error(ErrorKind::kService, message) {}
};

// Shorthands for the common throws: `throw usage_error("...")`.
[[nodiscard]] Error usage_error(std::string_view message);
[[nodiscard]] Error input_error(const Place& place, std::string_view message);
[[nodiscard]] Error output_error(std::string_view path, std::string_view message);
[[nodiscard]] Error internal_error(std::string_view message);

}  // namespace persona4rec
