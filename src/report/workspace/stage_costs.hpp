// What the stages cost: requests, tokens and money of those that ask a language model, and the time of all.
#pragma once

#include "io/artifacts.hpp"
#include "persona4rec/report.hpp"

namespace persona4rec {

// Throws Error kInput where a meta or run file cannot be read. Thread-safe.
[[nodiscard]] ReportSection costs_section(const Workspace& workspace, World world);

}  // namespace persona4rec
