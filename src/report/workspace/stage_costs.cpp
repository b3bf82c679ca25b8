#include "report/workspace/stage_costs.hpp"

#include <string>
#include <vector>

#include "base/format.hpp"
#include "io/json_file.hpp"
#include "report/workspace/run_files.hpp"

namespace persona4rec {
namespace {

struct CostSum {
  bool known = false;  // a run file says so
  std::uint64_t sent = 0;
  std::uint64_t prompt = 0;
  std::uint64_t completion = 0;
  double cost = 0;
};

std::string time_text(const Json& run) {
  const auto seconds = number_at(run, "wall_s");
  return seconds ? duration_text(*seconds) : "--";
}

void add_row(ReportTable& table, CostSum& sum, const StageFiles& files) {
  const Json llm = object_at(files.run, "llm");
  const auto count = [&](const char* field) { return count_at(files.run, "llm", field); };
  const auto cost = number_at(llm, "cost_usd");
  sum.known |= !llm.empty();
  sum.sent += count("requests_sent").value_or(0);
  sum.prompt += count("prompt_tokens").value_or(0);
  sum.completion += count("completion_tokens").value_or(0);
  sum.cost += cost.value_or(0);
  table.rows.push_back({string_at(files.meta, "command"), string_at(files.meta, "model"),
                        count_text(count_at(files.meta, "counts", "requests")), count_text(count("requests_sent")),
                        count_text(count("from_store")), count_text(count("retries")),
                        count_text(count_at(files.meta, "counts", "rejected")), count_text(count("prompt_tokens")),
                        count_text(count("completion_tokens")), cost ? fixed_text(*cost, 4) : "--",
                        time_text(files.run)});
}

ReportTable language_model_table(const Workspace& workspace, CostSum& sum) {
  ReportTable table{.caption = "Stages that ask a language model, by their latest run",
                    .columns = {"Stage", "Model", "Requests", "Sent", "From the store", "Retries", "Set aside",
                                "Prompt tokens", "Completion tokens", "USD", "Time"},
                    .rows = {},
                    .text_columns = 2};
  for (const auto& path : {workspace.aspects(), workspace.summary(), workspace.personas(), workspace.selected()}) {
    if (const StageFiles files = read_stage_files(path); files.meta.is_object()) add_row(table, sum, files);
  }
  if (table.rows.size() > 1) {
    table.rows.push_back({"all", "", "", with_commas(sum.sent), "", "", "", with_commas(sum.prompt),
                          with_commas(sum.completion), fixed_text(sum.cost, 4), ""});
  }
  return table;
}

std::string other_times(const Workspace& workspace, World world) {
  std::string text;
  for (const auto& path : {workspace.targets(), workspace.candidates(world), workspace.encoder(), workspace.cache(),
                           workspace.reranked()}) {
    const StageFiles files = read_stage_files(path);
    if (!files.run.is_object()) continue;
    text += (text.empty() ? "" : ", ") + string_at(files.run, "command") + " " + time_text(files.run);
  }
  return text;
}

}  // namespace

ReportSection costs_section(const Workspace& workspace, World world) {
  ReportSection section{.id = "costs", .title = "Cost and tokens", .blocks = {}};
  CostSum sum;
  ReportTable table = language_model_table(workspace, sum);
  if (table.rows.empty()) {
    section.blocks.emplace_back(
        ReportNote{"No stage that asks a language model has run in this workspace.", NoteKind::kAbsent});
  } else {
    if (sum.known && sum.sent == 0) {
      section.blocks.emplace_back(ReportNote{
          "Nothing was sent to a service: the latest runs were answered by the offline provider or from the store."});
    }
    section.blocks.emplace_back(std::move(table));
  }
  if (const auto times = other_times(workspace, world); !times.empty()) {
    section.blocks.emplace_back(ReportNote{"The other stages took: " + times + "."});
  }
  return section;
}

}  // namespace persona4rec
