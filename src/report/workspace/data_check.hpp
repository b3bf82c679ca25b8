// A look at the data: time span, ratings, reviews by year, and whether the ids of lists, ground truth, reviews and
// cache are those of each other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/artifacts.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/report.hpp"
#include "report/workspace/truth_items.hpp"

namespace persona4rec {

struct JudgedLists {
  std::string name;
  std::filesystem::path path;
};
struct DataCheckOptions {
  Workspace workspace;
  TimeFormat time;                 // of 1_aspects where its meta file does not say
  std::vector<JudgedLists> lists;  // pipes and stdin are left out: they have been read
  std::filesystem::path truth;     // the same
  TruthOptions truth_options;      //
  ListFormat list_format = ListFormat::kAuto;
};

// How the numbers in timestamps of the workspace's artifacts are read: as the meta file of 1_aspects says, else
// `otherwise`.
[[nodiscard]] TimeFormat workspace_time(const Workspace& workspace, const TimeFormat& otherwise);

// Reads 1_aspects, the lists, the ground truth and the tables of the cache's users and items, once each. Throws Error
// kInput. Memory: every id once.
[[nodiscard]] ReportSection data_section(const DataCheckOptions& options);

}  // namespace persona4rec
