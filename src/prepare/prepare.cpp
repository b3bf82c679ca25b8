#include "persona4rec/prepare.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/format.hpp"
#include "base/log.hpp"
#include "io/folder_lock.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "io/rows/row_spool.hpp"
#include "split/interactions_reader.hpp"

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
        summaries_(options.history),
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
  JsonlReader open(const std::filesystem::path& path) const {
    return JsonlReader(path, {.max_bad_rows = options_.max_bad_rows, .read = {options_.time}});
  }

  void done_reading(const char* role, const std::filesystem::path& path, const JsonlReader& reader) {
    report_.bad_rows += reader.bad_rows();
    provenance_.input(role, path, reader.sha256());
  }

  void tell(const char* what, std::uint64_t done) const {
    if (options_.progress) options_.progress({.what = what, .done = done});
  }

  void read_summaries() {
    auto reader = open(options_.summary);
    for (SummaryRow row; reader.next(row); row = {}) {
      if (!summary_of_.emplace(row.item_id, static_cast<std::uint32_t>(summaries_.size())).second) {
        throw input_error({reader.place().file, reader.place().line, "item_id"},
                          "the item \"" + row.item_id.text() + "\" has a row already");
      }
      summaries_.append(to_json(row));
    }
    done_reading("2_summary", options_.summary, reader);
  }

  std::string summary_of(const ItemId& item) {
    const auto row = summary_of_.find(item);
    return row == summary_of_.end() ? std::string() : summaries_.row<SummaryRow>(row->second).item_summary;
  }

  void read_reviews() {
    auto reader = open(options_.aspects);
    data_ = read_interactions(reader, [&](AspectRow&& row, std::size_t index) {
      report_.reviews_without_summary += summary_of_.contains(row.item_id) ? 0 : 1;
      reviews_.append(to_json(row));
      tell("reviews read", index + 1);
    });
    done_reading("1_aspects", options_.aspects, reader);
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

  void write_personas() {
    auto reader = open(options_.personas);
    std::unordered_set<ItemId> seen;
    for (PersonaRow row; reader.next(row); row = {}) {
      if (!seen.insert(row.item.item_id).second) {
        throw input_error({reader.place().file, reader.place().line, "item_id"},
                          "the item \"" + row.item.item_id.text() + "\" has a row already");
      }
      if (row.personas.empty()) ++report_.items_without_personas;
      if (!row.personas.empty()) with_personas_.insert(row.item.item_id);
      outputs_.persona_with_summary.write_row(to_json(with_summary(std::move(row))));
    }
    persona_rows_ = reader.rows();
    done_reading("3_personas", options_.personas, reader);
  }

  static PersonaWithSummaryRow with_summary(PersonaRow row) {
    PersonaWithSummaryRow out{.item_id = row.item.item_id, .personas = {}};
    for (auto& persona : row.personas) {
      PersonaId unique(row.item.item_id.text() + "_" + persona.id);
      out.personas.push_back({std::move(persona), row.item.item_summary, std::move(unique)});
    }
    return out;
  }

  HistoryReview review_of(std::uint32_t interaction) {
    auto row = reviews_.row<AspectRow>(interaction, {options_.time});
    return {.user_id = std::move(row.user_id),
            .item_id = row.item_id,
            .review_title = std::move(row.review_title).value_or(""),
            .summary = summary_of(row.item_id),
            .extracted = std::move(row.extracted_aspects),
            .timestamp = std::move(row.timestamp),
            .rating = row.rating,
            .review_id = std::move(row.review_id),
            .review_text = std::move(row.review_text),
            .raw_start = std::move(row.raw_start)};
  }

  HistoryRow history_of(std::uint32_t user, std::span<const std::uint32_t> interactions) {
    HistoryRow row{.user_id = data_.users()[user], .reviews = {}};
    for (const auto interaction : interactions) row.reviews.push_back(review_of(interaction));
    return row;
  }

  void write_histories() {
    std::vector<std::uint8_t> has_target(data_.users().size(), 0);
    for (const auto& target : split_.targets()) {
      if (target.split == TargetSplit::kTest || target.split == TargetSplit::kReference) {
        has_target[data_[target.interaction].user] = 1;
      }
    }
    for (std::uint32_t user = 0; user < data_.users().size(); ++user) {
      outputs_.history.write_row(to_json(history_of(user, split_.order(user))));
      tell("users written", user + 1);
      if (has_target[user] == 0) continue;
      const auto history = split_.history(user, World::kTest);
      if (history.empty()) continue;  // the published code drops them too; docs/method.md, 2.5 Reference
      outputs_.history_loo.write_row(to_json(history_of(user, history)));
      ++loo_rows_;
    }
  }

  void write_targets() {
    for (const auto& target : split_.targets()) {
      const auto i = target.interaction;
      const TargetRow row{.user_id = data_.users()[data_[i].user],
                          .item_id = data_.items()[data_[i].item],
                          .review_id = data_.review(i),
                          .timestamp = data_.time(i),
                          .split = target.split};
      outputs_.targets.write_row(to_json(row));
      if (target.split == TargetSplit::kTest || target.split == TargetSplit::kReference) {
        outputs_.ground_truth.write_row(to_json(GroundTruthRow{row.user_id, row.item_id}));
      }
      const bool needs_persona = target.split == TargetSplit::kTrain || target.split == TargetSplit::kReference;
      report_.targets_without_personas += needs_persona && !with_personas_.contains(row.item_id) ? 1 : 0;
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
  RowSpool summaries_;  // rows of 2_summary
  std::unordered_map<ItemId, std::uint32_t> summary_of_;
  std::unordered_set<ItemId> with_personas_;
  RowSpool reviews_;  // rows of 1_aspects, in file order
  Interactions data_;
  Split split_;
  std::uint64_t persona_rows_ = 0;
  std::uint64_t loo_rows_ = 0;
};

}  // namespace

PrepareReport prepare(const PrepareOptions& options) {
  return Preparation(options).run();
}

}  // namespace persona4rec
