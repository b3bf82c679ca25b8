// Logs on stderr. Callers see no logging library: a target that sees torch's headers must not see spdlog's.
// Review texts are never logged above debug level; keys never at all.
#pragma once

#include <cstdint>
#include <string_view>

namespace persona4rec {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError, kOff };

void set_log_level(LogLevel level);
void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);

}  // namespace persona4rec
