// eval --report: what eval measured and what the workspace's files say, as one page.
#pragma once

#include <filesystem>
#include <optional>

#include "io/artifacts.hpp"
#include "io/output_file.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

// The output of --report, opened before eval begins.
class ReportFile {
 public:
  // Throws Error kOutput.
  explicit ReportFile(const std::filesystem::path& path);

  // Writes the page, then its meta and run files. `time`: how timestamps are read where the workspace does not say.
  // Throws Error kInput (a file of the workspace that cannot be read), kOutput.
  void write(const EvalReport& report, const EvalOptions& options, const Workspace& workspace, const TimeFormat& time);

 private:
  std::filesystem::path path_;
  OutputFile file_;
};

}  // namespace persona4rec
