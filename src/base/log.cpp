#include "base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace persona4rec {
namespace {

spdlog::logger& logger() {
  static const auto kInstance = [] {
    auto made =
        std::make_shared<spdlog::logger>("persona4rec", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    // On a terminal a line may stand there half drawn: a progress bar.
    made->set_pattern(isatty(STDERR_FILENO) == 1 ? "\r\x1b[K%^%l%$: %v" : "%^%l%$: %v");
    return made;
  }();
  return *kInstance;
}

void log_at(spdlog::level::level_enum level, std::string_view message) {
  logger().log(level, spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

void set_log_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return logger().set_level(spdlog::level::debug);
    case LogLevel::kInfo:
      return logger().set_level(spdlog::level::info);
    case LogLevel::kWarning:
      return logger().set_level(spdlog::level::warn);
    case LogLevel::kError:
      return logger().set_level(spdlog::level::err);
    case LogLevel::kOff:
      return logger().set_level(spdlog::level::off);
  }
}

void log_debug(std::string_view message) {
  log_at(spdlog::level::debug, message);
}
void log_info(std::string_view message) {
  log_at(spdlog::level::info, message);
}
void log_warning(std::string_view message) {
  log_at(spdlog::level::warn, message);
}
void log_error(std::string_view message) {
  log_at(spdlog::level::err, message);
}

}  // namespace persona4rec
