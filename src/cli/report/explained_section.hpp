// Some recommendations of the judged lists with what speaks for them.
#pragma once

#include <cstddef>
#include <filesystem>

#include "io/artifacts.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/report.hpp"

namespace persona4rec {

struct ExplainedOptions {
  Workspace workspace;
  TimeFormat time;  // of the workspace's artifacts
  std::filesystem::path ground_truth;
  ListFormat truth_format = ListFormat::kAuto;
  std::uint64_t max_bad_rows = 0;
  bool force = false;  // as eval's
  std::size_t count = 20;
};

// The best recommendation of `count` users who lie evenly over the ground truth: what is shown was not picked by how
// well it went. Needs a rerank of this workspace among the judged files and the lists that it was made of; what is
// missing is said in one line. Throws Error kInput where a file of the workspace cannot be read.
[[nodiscard]] ReportSection explained_section(const EvalReport& report, const ExplainedOptions& options);

}  // namespace persona4rec
