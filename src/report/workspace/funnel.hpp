// The data funnel: what each stage kept of what it was given, and why the rest is missing, by the counts of the
// workspace's meta files.
#pragma once

#include "io/artifacts.hpp"
#include "persona4rec/report.hpp"

namespace persona4rec {

// Throws Error kInput where a meta file cannot be read. Thread-safe.
[[nodiscard]] ReportSection funnel_section(const Workspace& workspace, World world);

}  // namespace persona4rec
