#include "cli/report/report_page.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.hpp"
#include "base/version.hpp"
#include "cli/report/eval_sections.hpp"
#include "cli/report/explained_section.hpp"
#include "cli/report/gates_section.hpp"
#include "io/provenance.hpp"
#include "persona4rec/report.hpp"
#include "report/workspace/data_check.hpp"
#include "report/workspace/funnel.hpp"
#include "report/workspace/stage_costs.hpp"
#include "report/workspace/training.hpp"

namespace persona4rec {
namespace {

DataCheckOptions data_options(const EvalReport& report, const EvalOptions& options, const Workspace& workspace,
                              const TimeFormat& time) {
  DataCheckOptions data{
      .workspace = workspace,
      .time = time,
      .lists = {},
      .truth = options.ground_truth,
      .truth_options = {.world = report.world, .format = options.truth_format, .max_bad_rows = options.max_bad_rows},
      .list_format = options.candidate_format};
  // Not what they are compared with otherwise: that need not be lists.
  for (const auto& file : report.files) {
    if (std::ranges::find(options.candidates, file.path) == options.candidates.end()) continue;
    data.lists.push_back({.name = file.name, .path = file.path});
  }
  return data;
}

std::string subtitle_of(const EvalReport& report) {
  std::string files;
  for (const auto& file : report.files) files += (files.empty() ? "" : " and ") + file.name;
  return files + " on " + with_commas(report.users.size()) + " users of " + report.truth_name + ", world " +
         to_string(report.world);
}

std::string footer_of(const EvalReport& report) {
  std::string text = "persona4rec " + std::string(version()) + ". Ground truth " + report.truth_sha256.substr(0, 12);
  for (const auto& file : report.files) text += ", " + file.name + " " + file.sha256.substr(0, 12);
  return text + " (SHA-256).";
}

ReportPage page_of(const EvalReport& report, const EvalOptions& options, const Workspace& workspace,
                   const TimeFormat& time) {
  const TimeFormat own_time = workspace_time(workspace, time);
  ReportPage page{
      .title = "Recommendation report", .subtitle = subtitle_of(report), .sections = {}, .footer = footer_of(report)};
  page.sections.push_back(headline_section(report));
  if (!report.gates.empty()) page.sections.push_back(gates_section(report));
  page.sections.push_back(curves_section(report));
  page.sections.push_back(groups_section(report));
  page.sections.push_back(movement_section(report));
  page.sections.push_back(training_section(workspace));
  page.sections.push_back(weights_section(workspace));
  page.sections.push_back(costs_section(workspace, report.world));
  page.sections.push_back(funnel_section(workspace, report.world));
  page.sections.push_back(data_section(data_options(report, options, workspace, time)));
  page.sections.push_back(explained_section(report, {.workspace = workspace,
                                                     .time = own_time,
                                                     .ground_truth = options.ground_truth,
                                                     .truth_format = options.truth_format,
                                                     .max_bad_rows = options.max_bad_rows,
                                                     .force = options.force}));
  return page;
}

}  // namespace

ReportFile::ReportFile(const std::filesystem::path& path) : path_(path), file_(path) {}

void ReportFile::write(const EvalReport& report, const EvalOptions& options, const Workspace& workspace,
                       const TimeFormat& time) {
  file_.write(report_html(page_of(report, options, workspace, time)));
  const std::string sha256 = file_.commit();
  if (path_ == "-") return;
  Provenance provenance("eval", options.force);
  provenance.input_value("ground_truth", report.truth_sha256);
  for (std::size_t f = 0; f < report.files.size(); ++f) {
    provenance.input_value(f == 0 ? "candidates" : "candidates " + std::to_string(f + 1), report.files[f].sha256);
  }
  provenance.option("for", to_string(report.world));
  provenance.count("users", report.users.size());
  provenance.write(path_, "report", sha256, report.files.size());
}

}  // namespace persona4rec
