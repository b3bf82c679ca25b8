#include "report/workspace/training.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/format.hpp"
#include "io/jsonl_reader.hpp"
#include "report/workspace/run_files.hpp"

namespace persona4rec {
namespace {

constexpr double kNone = kNoBound;

struct Epoch {
  double number = 0;
  double loss = kNone;
  std::array<double, 2> ndcg{kNone, kNone};  // over the candidates, over all items
  std::array<double, 2> hit{kNone, kNone};
  bool best = false;
};

Epoch read_epoch(const RowView& view) {
  Epoch epoch{.number = view.number("epoch"), .loss = view.maybe_number("loss").value_or(kNone)};
  for (const auto& [field, place] : {std::pair{"valid_candidates", 0}, std::pair{"valid_all_items", 1}}) {
    if (!view.has(field)) continue;
    const RowView valid = view.object(field);
    epoch.ndcg.at(static_cast<std::size_t>(place)) = valid.maybe_number("ndcg@10").value_or(kNone);
    epoch.hit.at(static_cast<std::size_t>(place)) = valid.maybe_number("hit@10").value_or(kNone);
  }
  epoch.best = view.json("best") == true;
  return epoch;
}

template <class Value>
ChartSeries series_of(const std::vector<Epoch>& epochs, const char* name, std::size_t color, const Value& value) {
  ChartSeries series{.name = name, .color = color, .points = {}};
  for (const auto& epoch : epochs) series.points.push_back({.x = epoch.number, .y = value(epoch)});
  return series;
}

ReportChart loss_chart(const std::vector<Epoch>& epochs) {
  return {.title = "Training loss",
          .description = "A line: the mean loss of each epoch; epoch 0 is the encoder before training and has none.",
          .x_label = "epoch",
          .y_label = "loss",
          .series = {series_of(epochs, "loss", 1, [](const Epoch& epoch) { return epoch.loss; })}};
}

ReportChart valid_chart(const std::vector<Epoch>& epochs, const char* name, std::array<double, 2> Epoch::* values) {
  const auto at = [values](std::size_t place) { return [=](const Epoch& epoch) { return (epoch.*values).at(place); }; };
  return {.title = std::string("Validation ") + name,
          .description = std::string("Lines: ") + name +
                         " of the validation users after each epoch, over their "
                         "candidates and over all items.",
          .x_label = "epoch",
          .y_label = name,
          .series = {series_of(epochs, "candidates", 1, at(0)), series_of(epochs, "all items", 2, at(1))}};
}

std::string best_text(const std::vector<Epoch>& epochs) {
  const Epoch* best = nullptr;
  for (const auto& epoch : epochs) best = epoch.best ? &epoch : best;
  if (best == nullptr) return "No epoch is marked as the best.";
  const std::string kept = "Epoch " + number_text("%.0f", best->number) + " of " +
                           number_text("%.0f", epochs.back().number) + " was kept: the best on the validation users";
  return kept + (best->number == 0 ? ", so training did not improve on the untrained head." : ".");
}

std::vector<std::string> weight_row(const std::string& name, const std::vector<Json>& columns) {
  std::vector<std::string> row{name};
  for (const auto& column : columns) {
    const auto value = number_at(column, name);
    row.push_back(value ? number_text("%.3g", *value) : "--");
  }
  return row;
}

}  // namespace

ReportSection training_section(const Workspace& workspace) {
  ReportSection section{.id = "training", .title = "Training", .blocks = {}};
  const auto log = workspace.encoder() / "train_log.jsonl";
  if (!std::filesystem::is_regular_file(log)) {
    section.blocks.emplace_back(
        ReportNote{"No training in this workspace: encoder/train_log.jsonl is not there.", NoteKind::kAbsent});
    return section;
  }
  std::vector<Epoch> epochs;
  JsonlReader reader(log);
  while (reader.next([&](const RowView& view) { epochs.push_back(read_epoch(view)); })) {
  }
  section.blocks.emplace_back(ReportNote{best_text(epochs)});
  section.blocks.emplace_back(ReportCharts{loss_chart(epochs), valid_chart(epochs, "NDCG@10", &Epoch::ndcg),
                                           valid_chart(epochs, "HIT@10", &Epoch::hit)});
  return section;
}

ReportSection weights_section(const Workspace& workspace) {
  ReportSection section{.id = "weights", .title = "Weights", .blocks = {}};
  const Json options = object_at(read_stage_files(workspace.reranked()).meta, "options");
  const Json fitted = read_json_if_there(workspace.encoder() / "fusion_weights.json");
  const Json tuned = read_json_if_there(workspace.cache() / "tuned_weights.json");
  ReportTable table{.caption = "Weight of each channel in the fused score", .columns = {"Channel"}, .rows = {}};
  std::vector<Json> columns;
  const auto add = [&](const char* name, const Json& weights) {
    if (!weights.is_object() || weights.empty()) return;
    table.columns.emplace_back(name);
    columns.push_back(weights);
  };
  add("used for reranked.jsonl", object_at(options, "weights"));
  add("kept with the head", fitted);
  const Json of_first_stages = object_at(fitted, "first_stages");
  for (const auto& [name, weights] : of_first_stages.items()) {
    add(("chosen for " + name).c_str(), weights);
  }
  add("stored by --tune", tuned.is_object() && tuned.contains("weights") ? object_at(tuned, "weights") : tuned);
  if (columns.empty()) {
    section.blocks.emplace_back(
        ReportNote{"No weights: nothing was reranked or trained in this workspace.", NoteKind::kAbsent});
    return section;
  }
  for (const char* name : {"base", "words", "persona_words", "persona", "head"})
    table.rows.push_back(weight_row(name, columns));
  section.blocks.emplace_back(std::move(table));
  if (const auto alpha = number_at(options, "alpha")) {
    section.blocks.emplace_back(ReportNote{
        "Share of the best persona in an item's persona score (alpha): " + number_text("%.3g", *alpha) + "."});
  }
  section.blocks.emplace_back(ReportNote{
      "base: the first stage's score. words: terms that user and reviews of the item share. persona_words: terms that "
      "user and personas of the item share. persona: untrained vectors of "
      "personas. head: the same under the trained head. Each is standardised within a list before it is weighted."});
  return section;
}

}  // namespace persona4rec
