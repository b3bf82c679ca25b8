#include "persona4rec/prepare.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/format.hpp"
#include "base/log.hpp"
#include "io/folder_lock.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "io/rows/row_blocks.hpp"
#include "prepare/history_reviews.hpp"
#include "prepare/history_rows.hpp"
#include "records/row_append.hpp"

namespace persona4rec {
namespace {

struct Outputs {
  explicit Outputs(const PrepareOptions& options)
      : history(options.history),
        history_loo(options.history_loo),
        ground_truth(options.ground_truth),
        targets(options.targets),
        persona_with_summary(options.persona_with_summary) {}
  OutputFile history, history_loo, ground_truth, targets, persona_with_summary;
};

class Preparation {
 public:
  explicit Preparation(const PrepareOptions& options)
      : options_(options),
        provenance_("prepare", options.force),
        only_writer_(FolderLock::only_writer_of(std::array{options.history, options.history_loo, options.ground_truth,
                                                           options.targets, options.persona_with_summary})),
        outputs_(options),
        reviews_(options.history) {}

  PrepareReport run() {
    read_summaries();
    read_reviews();
    split_ = decide_split(data_, options_.split);
    provenance_.settings(split_settings(split_.options()));
    check_targets();
    write_personas();
    write_histories();
    write_targets();
    finish();
    return report_;
  }

 private:
  template <class Made>
  RowBlocks<Made> open(const std::filesystem::path& path) const {
    return {path, {.max_bad_rows = options_.max_bad_rows, .read = {options_.time}}, options_.threads};
  }

  void done_reading(const char* role, const std::filesystem::path& path, const RowsRead& read) {
    report_.bad_rows += read.bad_rows;
    provenance_.input(role, path, read.sha256);
  }

  void tell(const char* what, std::uint64_t done) const {
    if (options_.progress) options_.progress({.what = what, .done = done});
  }

  [[noreturn]] static void fail_twice(const Place& place, const ItemId& item) {
    throw input_error({place.file, place.line, "item_id"}, "the item \"" + item.text() + "\" has a row already");
  }

  void read_summaries() {
    reviews_.append_summary("");
    auto rows = open<SummaryRow>(options_.summary);
    const auto read = rows.read([](const RowView& view) { return read_row<SummaryRow>(view); },
                                [&](SummaryRow&& row, const Place& place) {
                                  const auto number = reviews_.append_summary(row.item_summary);
                                  if (!summary_of_.emplace(row.item_id, number).second) fail_twice(place, row.item_id);
                                });
    done_reading("2_summary", options_.summary, read);
  }

  // A row on its way into the temporary file.
  struct ReadReview {
    AspectRow row;      // without texts
    std::string parts;  // of history_review_parts
  };

  [[nodiscard]] ReadReview made_of(const RowView& view) const {
    ReadReview made{.row = read_row<AspectRow>(view, {.time = options_.time, .aspects = false}), .parts = {}};
    made.parts = history_review_parts(made.row, view);
    made.row.review_text = {};
    return made;
  }

  void read_reviews() {
    auto rows = open<ReadReview>(options_.aspects);
    const auto read = rows.read([&](const RowView& view) { return made_of(view); },
                                [&](ReadReview&& made, const Place& /*place*/) {
                                  const auto& row = made.row;
                                  data_.add(row.user_id, row.item_id, row.review_id, row.rating, row.timestamp);
                                  reviews_.append_review(made.parts);
                                  tell("reviews read", data_.size());
                                });
    done_reading("1_aspects", options_.aspects, read);
    find_summaries();
  }

  void find_summaries() {
    std::vector<std::uint32_t> summary_of_item;
    for (const auto& item : data_.items()) {
      const auto found = summary_of_.find(item);
      summary_of_item.push_back(found == summary_of_.end() ? 0 : found->second);
    }
    summary_of_ = {};
    for (std::size_t i = 0; i < data_.size(); ++i) {
      report_.reviews_without_summary += summary_of_item[data_[i].item] == 0 ? 1 : 0;
    }
    reviews_.finish(std::move(summary_of_item));
  }

  // Without a liked review no user has a profile and no target: no later stage could work.
  void check_targets() const {
    const double liked_from = split_.options().liked_from;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < data_.size(); ++i) highest = std::max(highest, data_[i].rating);
    if (highest < liked_from) {
      throw input_error({.file = options_.aspects.string()}, "nothing is liked: no rating reaches --liked-from " +
                                                                 number_text("%g", liked_from) + " (the highest is " +
                                                                 number_text("%g", highest) + ")");
    }
    const auto& counts = split_.counts();
    if (split_.targets().empty()) {
      log_warning(
          "no review can be a target (no user liked anything with something before it): select and train have "
          "nothing to work with");
    } else if (counts.train_targets == 0 && split_.policy() != SplitPolicy::kReference) {
      log_warning("no train target: select and train have nothing to work with");
    }
    if (counts.test_targets == 0 && split_.policy() != SplitPolicy::kNone) {
      log_warning("no user is tested under --split " + to_string(split_.policy()) +
                  ": eval has nothing to compare with");
    }
  }

  // A row on its way to the output.
  struct ReadItem {
    ItemId item;
    bool has_personas = false;
    std::string line;
  };

  static ReadItem made_of(PersonaRow&& row) {
    ReadItem made{.item = row.item.item_id, .has_personas = !row.personas.empty(), .line = {}};
    append_json(made.line, with_summary(std::move(row)));
    made.line += '\n';
    return made;
  }

  static PersonaWithSummaryRow with_summary(PersonaRow&& row) {
    PersonaWithSummaryRow out{.item_id = row.item.item_id, .personas = {}};
    for (auto& persona : row.personas) {
      PersonaId unique(row.item.item_id.text() + "_" + persona.id);
      out.personas.push_back({std::move(persona), row.item.item_summary, std::move(unique)});
    }
    return out;
  }

  void write_personas() {
    has_personas_.assign(data_.items().size(), 0);
    std::unordered_set<ItemId> seen;
    auto rows = open<ReadItem>(options_.personas);
    const auto read = rows.read([](const RowView& view) { return made_of(read_row<PersonaRow>(view)); },
                                [&](ReadItem&& made, const Place& place) {
                                  if (!seen.insert(made.item).second) fail_twice(place, made.item);
                                  if (!made.has_personas) ++report_.items_without_personas;
                                  const auto item = data_.find_item(made.item);
                                  if (item && made.has_personas) has_personas_[*item] = 1;
                                  outputs_.persona_with_summary.write(made.line);
                                });
    persona_rows_ = read.rows;
    done_reading("3_personas", options_.personas, read);
  }

  void write_histories() {
    make_history_rows({data_, split_}, reviews_, options_.threads, [&](const HistoryRows& rows) {
      outputs_.history.write(rows.history);
      outputs_.history_loo.write(rows.loo);
      loo_rows_ += rows.loo_rows;
      tell("users written", rows.end);
    });
  }

  void write_targets() {
    make_target_rows({data_, split_}, options_.threads, [&](const TargetRows& rows) {
      outputs_.targets.write(rows.targets);
      outputs_.ground_truth.write(rows.ground_truth);
    });
    for (const auto& target : split_.targets()) {
      const bool needs_persona = target.split == TargetSplit::kTrain || target.split == TargetSplit::kReference;
      report_.targets_without_personas += needs_persona && has_personas_[data_[target.interaction].item] == 0 ? 1 : 0;
    }
  }

  void count_all() {
    report_.reviews = data_.size();
    report_.users = data_.users().size();
    report_.items = data_.items().size();
    report_.split = split_.counts();
    const auto& c = report_.split;
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"reviews", report_.reviews},
             {"users", report_.users},
             {"items", report_.items},
             {"bad_rows", report_.bad_rows},
             {"reviews_without_summary", report_.reviews_without_summary},
             {"items_without_personas", report_.items_without_personas},
             {"targets_without_personas", report_.targets_without_personas},
             {"evaluated_users", c.evaluated_users},
             {"train_only_users", c.train_only_users},
             {"train_targets", c.train_targets},
             {"valid_targets", c.valid_targets},
             {"test_targets", c.test_targets},
             {"repeated_positives", c.repeated_positives},
             {"users_without_history", c.users_without_history},
             {"item_side_reviews", c.item_side}}) {
      provenance_.count(name, value);
    }
    if (split_.policy() == SplitPolicy::kColdItems) {
      provenance_.count("cold_items", c.cold_items);
      provenance_.count("stripped_reviews", c.stripped);
    }
  }

  void finish() {
    count_all();
    provenance_.option("targets_per_user", options_.split.targets_per_user);
    provenance_.write(options_.history, "3.5_history", outputs_.history.commit(), report_.users);
    provenance_.write(options_.history_loo, "3.5_history_loo", outputs_.history_loo.commit(), loo_rows_);
    provenance_.write(options_.ground_truth, "3.5_gt", outputs_.ground_truth.commit(), report_.split.test_targets);
    provenance_.write(options_.targets, "3.5_targets", outputs_.targets.commit(), split_.targets().size());
    provenance_.write(options_.persona_with_summary, "3.5_persona_with_summary", outputs_.persona_with_summary.commit(),
                      persona_rows_);
  }

  const PrepareOptions& options_;
  Provenance provenance_;
  std::vector<FolderLock> only_writer_;
  Outputs outputs_;
  PrepareReport report_;
  HistoryReviews reviews_;
  std::unordered_map<ItemId, std::uint32_t> summary_of_;  // numbers in reviews_, while these are read
  Interactions data_;
  std::vector<std::uint8_t> has_personas_;  // [items]
  Split split_;
  std::uint64_t persona_rows_ = 0;
  std::uint64_t loo_rows_ = 0;
};

}  // namespace

PrepareReport prepare(const PrepareOptions& options) {
  return Preparation(options).run();
}

}  // namespace persona4rec
