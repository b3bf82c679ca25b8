// How training went and what it left: loss and validation by epoch, and the weights of the channels.
#pragma once

#include "io/artifacts.hpp"
#include "persona4rec/report.hpp"

namespace persona4rec {

// encoder/train_log.jsonl. Throws Error kInput where it cannot be read. Thread-safe.
[[nodiscard]] ReportSection training_section(const Workspace& workspace);

// Of reranked.jsonl, of the head and what --tune stored. Throws Error kInput where a file cannot be read. Thread-safe.
[[nodiscard]] ReportSection weights_section(const Workspace& workspace);

}  // namespace persona4rec
