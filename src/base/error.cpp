#include "persona4rec/error.hpp"

namespace persona4rec {

std::string to_string(const Place& place) {
  std::string text = place.file;
  if (place.line > 0) text += ":" + std::to_string(place.line);
  if (!text.empty()) text += ": ";
  if (!place.field.empty()) text += "field \"" + place.field + "\": ";
  return text;
}

Error::Error(ErrorKind kind, std::string_view message) : std::runtime_error(std::string(message)), kind_(kind) {}

Error::Error(ErrorKind kind, const Place& place, std::string_view message)
    : std::runtime_error(to_string(place) + std::string(message)), kind_(kind) {}

int Error::exit_code() const noexcept {
  switch (kind_) {
    case ErrorKind::kInternal:
    case ErrorKind::kOutput:
      return 1;
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kInput:
      return 3;
    case ErrorKind::kService:
      return 4;
    case ErrorKind::kGate:
      return 5;
    case ErrorKind::kSignal:
      return 128 + signal_;
  }
  return 1;
}

Error Error::from_signal(int signal_number) {
  Error error(ErrorKind::kSignal, "stopped by signal " + std::to_string(signal_number) +
                                      "; nothing half-written is left, run the same command again to go on");
  error.signal_ = signal_number;
  return error;
}

Error usage_error(std::string_view message) {
  return {ErrorKind::kUsage, message};
}
Error input_error(const Place& place, std::string_view message) {
  return {ErrorKind::kInput, place, message};
}
Error output_error(std::string_view path, std::string_view message) {
  return {ErrorKind::kOutput, Place{.file = std::string(path)}, message};
}
Error internal_error(std::string_view message) {
  return {ErrorKind::kInternal, message};
}

}  // namespace persona4rec
