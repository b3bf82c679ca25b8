#include "report/workspace/funnel.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/json_file.hpp"
#include "report/workspace/run_files.hpp"

namespace persona4rec {
namespace {

// A count of a meta file and what it says of the rows it counts.
struct Reason {
  const char* field;
  const char* text;
};
struct FunnelStep {
  const char* name;
  const char* kept;              // the field that counts what goes on
  const char* of;                // ... of so many; null: the step is where something begins
  std::vector<Reason> left_out;  // why the rest is missing
  std::vector<Reason> remarks;   // kept, but not as they came
  const char* rest = nullptr;    // why all else is missing
};
struct FunnelStage {
  std::filesystem::path artifact;
  std::vector<FunnelStep> steps;
};

std::vector<FunnelStage> asking_stages(const Workspace& workspace) {
  return {{workspace.aspects(),
           {{"reviews read",
             "reviews",
             nullptr,
             {{"input_left_out", "not taken by --users or --sample"}, {"input_bad_rows", "rows that cannot be read"}},
             {{"decoded", "with HTML character references, resolved"}}},
            {"reviews with aspects",
             "answered",
             "reviews",
             {{"no_text", "without text"}, {"rejected", "answers set aside"}},
             {{"shortened", "shortened for the prompt"}}}}},
          {workspace.summary(),
           {{"items summarised",
             "answered",
             "items",
             {{"without_text", "without any text"}, {"rejected", "answers set aside"}},
             {{"without_metadata", "without metadata"},
              {"title_only", "with a title alone"},
              {"shortened", "shortened for the prompt"},
              {"script_titles", "titles that were a page's script, dropped"},
              {"input_unused", "rows of metadata for items without a review"},
              {"input_duplicates", "rows of metadata for an item that had one"}}}}},
          {workspace.personas(),
           {{"reviews that personas may use",
             "item_side_reviews",
             "reviews",
             {},
             {{"repeated_reviews", "of a user and item that had one"},
              {"reviews_without_text", "without text"},
              {"reviews_left_out", "beyond the prompt's size"}},
             "held back by the split: no text of an evaluated target may speak for its item"},
            {"personas",
             "personas",
             nullptr,
             {{"without_reviews", "items without a review that may be used"},
              {"without_text", "items whose reviews have no text"},
              {"rejected", "answers set aside"}},
             {{"without_summary", "items without a summary"},
              {"excerpted_items", "items whose reviews were excerpted"}}}}}};
}

std::vector<FunnelStage> later_stages(const Workspace& workspace, World world) {
  return {{workspace.targets(),
           {{"users with valid and test target",
             "evaluated_users",
             "users",
             {{"train_only_users", "with too few liked reviews or too little history: they train only"}},
             {}},
            {"train targets",
             "train_targets",
             nullptr,
             {{"targets_without_personas", "targets of items without personas"},
              {"repeated_positives", "liked items taken again"},
              {"bad_rows", "rows that cannot be read"}},
             {{"reviews_without_summary", "reviews of items without a summary"},
              {"items_without_personas", "items without personas"}}}}},
          {workspace.selected(),
           {{"train targets with a chosen persona",
             "selected",
             "targets",
             {{"without_persona", "items without personas"},
              {"without_history", "users without history"},
              {"rejected", "answers set aside"}},
             {{"single_persona", "of an item with one persona, nothing asked"}}}}},
          {workspace.encoder(),
           {{"training samples",
             "samples",
             "selected",
             {{"dropped_no_profile", "users without a profile before the target"},
              {"dropped_no_persona", "chosen persona without a vector"},
              {"selected_unknown", "of unknown users or items"}},
             {}}}},
          {workspace.candidates(world),
           {{"first-stage lists",
             "users",
             nullptr,
             {},
             {{"short_lists", "shorter than asked for"}, {"users_without_history", "of users without history"}}}}},
          {workspace.reranked(),
           {{"lists reranked",
             "lists",
             nullptr,
             {{"bad_rows", "lists that cannot be read"}},
             {{"users_unknown", "of users the cache does not know, left in candidate order"},
              {"lists_without_scores", "without scores"},
              {"items_unknown", "candidates the cache does not know"},
              {"items_without_personas", "candidates without personas"}}}}}};
}

std::string reasons_text(const Json& meta, const std::vector<Reason>& reasons) {
  std::string text;
  for (const auto& [field, what] : reasons) {
    const auto count = count_at(meta, "counts", field).value_or(0);
    if (count > 0) text += (text.empty() ? "" : "; ") + count_text(count) + " " + what;
  }
  return text;
}

// `aspects` counts what the stage's own meta file does not: all reviews.
void add_step(ReportTable& table, const FunnelStep& step, const Json& meta, const Json& aspects) {
  const auto kept = count_at(meta, "counts", step.kept);
  std::optional<std::uint64_t> of;
  if (step.of != nullptr) of = count_at(meta, "counts", step.of);
  if (step.of != nullptr && !of) of = count_at(aspects, "counts", step.of);
  std::string left_out = reasons_text(meta, step.left_out);
  if (step.rest != nullptr && kept && of && *of > *kept) left_out = count_text(*of - *kept) + " " + step.rest;
  table.rows.push_back({step.name, string_at(meta, "command"), count_text(kept), of ? count_text(of) : "",
                        left_out.empty() ? "none" : left_out, reasons_text(meta, step.remarks)});
}

// How many reviews come as far as this. All bars count reviews.
class ReviewBars {
 public:
  void add(const char* name, const Json& meta, const char* field) {
    const auto count = count_at(meta, "counts", field);
    if (!count) return;
    chart_.series.front().points.push_back(
        {.x = static_cast<double>(chart_.categories.size()), .y = static_cast<double>(*count)});
    chart_.categories.emplace_back(name);
  }
  [[nodiscard]] const ReportChart& chart() const { return chart_; }

 private:
  ReportChart chart_{.kind = ChartKind::kBars,
                     .title = "How far reviews come",
                     .description =
                         "Bars: the number of reviews that were read, have aspects, may be used by personas, "
                         "and are targets of each split.",
                     .x_label = "",
                     .y_label = "reviews",
                     .value_format = "%.0f",
                     .categories = {},
                     .series = {{.name = "reviews", .color = 1, .points = {}}}};
};

ReportChart review_bars(const Workspace& workspace) {
  ReviewBars bars;
  const Json aspects = read_stage_files(workspace.aspects()).meta;
  bars.add("read", aspects, "reviews");
  bars.add("aspects", aspects, "answered");
  bars.add("personas", read_stage_files(workspace.personas()).meta, "item_side_reviews");
  const Json targets = read_stage_files(workspace.targets()).meta;
  bars.add("train", targets, "train_targets");
  bars.add("valid", targets, "valid_targets");
  bars.add("test", targets, "test_targets");
  return bars.chart();
}

}  // namespace

ReportSection funnel_section(const Workspace& workspace, World world) {
  ReportSection section{.id = "funnel", .title = "Data funnel", .blocks = {}};
  ReportTable table{.caption = "What each stage kept, and why the rest is missing",
                    .columns = {"Step", "Command", "Kept", "Of", "Left out", "Kept, but"},
                    .rows = {},
                    .text_columns = 2,
                    .tail_text_columns = 2};
  std::vector<FunnelStage> stages = asking_stages(workspace);
  for (auto& stage : later_stages(workspace, world)) stages.push_back(std::move(stage));
  const Json aspects = read_stage_files(workspace.aspects()).meta;
  std::string missing;
  for (const auto& stage : stages) {
    const Json meta = read_stage_files(stage.artifact).meta;
    if (meta.is_object()) {
      for (const auto& step : stage.steps) add_step(table, step, meta, aspects);
    } else {
      missing += (missing.empty() ? "" : ", ") + stage.artifact.filename().string();
    }
  }
  if (table.rows.empty()) {
    section.blocks.emplace_back(ReportNote{"No workspace: none of its meta files is there.", NoteKind::kAbsent});
    return section;
  }
  const ReportChart chart = review_bars(workspace);
  if (!chart.categories.empty()) section.blocks.emplace_back(ReportCharts{chart});
  section.blocks.emplace_back(std::move(table));
  if (!missing.empty())
    section.blocks.emplace_back(ReportNote{"Not counted, no meta file: " + missing + ".", NoteKind::kAbsent});
  return section;
}

}  // namespace persona4rec
