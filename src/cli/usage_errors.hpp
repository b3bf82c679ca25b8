// What is wrong with a command line or a config, in words that help: a misspelt flag with the one that was meant, a
// config's value with its file:line.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/config_formatter.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

// The kUsage error to throw for what CLI11 threw while `root` parsed. REQUIRES: `error` is no call for help.
[[nodiscard]] Error to_usage_error(const CLI::ParseError& error, const CLI::App& root, const ConfigFormatter& config);

}  // namespace persona4rec
