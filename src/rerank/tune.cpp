#include "rerank/tune.hpp"

#include <algorithm>
#include <unordered_map>

#include "io/folder_lock.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/output_file.hpp"
#include "matching/weight_fit.hpp"
#include "matching/weights_json.hpp"
#include "rerank/list_inputs.hpp"
#include "rerank/scorer.hpp"
#include "rerank/weights.hpp"

namespace persona4rec {
namespace {

// docs/method.md, 7.3 Tuning on world valid
constexpr double kLowest = 0.25;  // of the default
constexpr double kHighest = 2;

using ValidTargets = std::unordered_map<UserId, std::vector<ItemId>>;  // each once

ValidTargets read_valid_targets(const RerankOptions& options, Provenance& provenance) {
  ValidTargets targets;
  JsonlReader reader(options.targets, {.max_bad_rows = options.max_bad_rows});
  for (TargetRow row; reader.next(row); row = {}) {
    if (row.split != TargetSplit::kValid) continue;
    auto& items = targets[row.user_id];
    if (std::find(items.begin(), items.end(), row.item_id) == items.end()) items.push_back(row.item_id);
  }
  provenance.input("3.5_targets", options.targets, reader.sha256());
  if (targets.empty()) throw input_error({.file = options.targets.string()}, "has no target of split valid");
  return targets;
}

// Position of the target in the list; the size of the list when it is not there.
std::size_t find_target(const CandidateRow& list, const ItemId& target) {
  const auto it = std::find_if(list.results.begin(), list.results.end(),
                               [&](const Candidate& candidate) { return candidate.item_id == target; });
  return static_cast<std::size_t>(it - list.results.begin());
}

void add_list(FitData& data, const ListScores& scores, std::size_t target) {
  std::size_t free_before = 0;
  for (std::size_t i = 0; i < target; ++i) free_before += scores.fixed[i] == 0 ? 1 : 0;
  data.begin_list(free_before);
  for (std::size_t i = 0; i < scores.score.size(); ++i) {
    if (scores.fixed[i] != 0) continue;
    ChannelWeights z{};
    for (std::size_t c = 0; c < kChannels; ++c) z[c] = scores.channels[c].z[i];
    data.add_candidate(z.data());
  }
}

// The list without the user's other targets: they are right answers too, not wrong ones.
CandidateRow list_for(const CandidateRow& list, const ItemId& target, const std::vector<ItemId>& targets) {
  CandidateRow alone = list;
  std::erase_if(alone.results, [&](const Candidate& candidate) {
    return candidate.item_id != target && std::find(targets.begin(), targets.end(), candidate.item_id) != targets.end();
  });
  return alone;
}

FitBox box_of(const ChannelWeights& defaults, bool unpersonalised) {
  FitBox box;
  for (const double weight : defaults) {
    box.lower.push_back(kLowest * weight);
    box.upper.push_back(kHighest * weight);
  }
  if (unpersonalised) box.lower[kBaseChannel] = 0;
  return box;
}

class Tuning {
 public:
  Tuning(const RerankOptions& options, const ServingCache& cache, Provenance& provenance)
      : options_(options),
        provenance_(provenance),
        targets_(read_valid_targets(options, provenance)),
        defaults_(defaults_of(options, cache)),
        scorer_(cache, defaults_, alpha_of(options.scoring, cache)),
        data_(kChannels) {}

  TuneReport run() {
    const Json meta = register_lists(options_.valid_candidates, World::kValid, options_.force, provenance_);
    report_.unpersonalised = !meta.value("personalised", true);
    const auto lists = open_candidate_lists(options_.valid_candidates, {options_.format, options_.max_bad_rows});
    for (CandidateRow list; lists->next(list); list = {}) {
      take(list);
      if (options_.progress) options_.progress({.what = "lists to tune on", .done = data_.lists()});
    }
    provenance_.input("candidates", options_.valid_candidates, lists->sha256());
    fit();
    return report_;
  }

 private:
  static FusionWeights defaults_of(const RerankOptions& options, const ServingCache& cache) {
    FusionWeights defaults = default_weights(cache);
    if (options.scoring.no_words) defaults.words = 0;
    return defaults;
  }

  // A list teaches once for each of its user's targets that it holds.
  void take(const CandidateRow& list) {
    const auto found = targets_.find(list.user_id);
    if (found == targets_.end()) {
      ++report_.without_truth;
      return;
    }
    const auto before = data_.lists();
    for (const auto& target : found->second) {
      const CandidateRow alone = list_for(list, target, found->second);
      const auto position = find_target(alone, target);
      if (position < alone.results.size()) add_list(data_, scorer_.score(alone), position);
    }
    if (data_.lists() == before) ++report_.target_missing;
  }

  void fit() {
    report_.lists = data_.lists();
    if (report_.lists == 0) {
      throw input_error({.file = options_.valid_candidates.string()}, "no list holds its user's valid target");
    }
    const auto start = channel_weights(defaults_);
    const auto fit = fit_weights(data_, {start.begin(), start.end()}, box_of(start, report_.unpersonalised));
    report_.weights = {.base = fit.weights[kBaseChannel],
                       .words = fit.weights[kWordsChannel],
                       .persona = fit.weights[kPersonaChannel],
                       .head = fit.weights[kHeadChannel]};
    report_.loss = fit.loss;
    report_.default_loss = fit.start_loss;
  }

  const RerankOptions& options_;
  Provenance& provenance_;
  ValidTargets targets_;
  FusionWeights defaults_;
  Scorer scorer_;
  FitData data_;
  TuneReport report_;
};

}  // namespace

TuneReport tune_weights(const RerankOptions& options, const ServingCache& valid_cache, Provenance& provenance) {
  return Tuning(options, valid_cache, provenance).run();
}

void store_tuned_weights(const TuneReport& report, const RerankOptions& options, const ServingCache& cache,
                         Provenance& provenance) {
  const Json stored = {{"weights", to_json(report.weights)},
                       {"build", cache.build()},
                       {"alpha", alpha_of(options.scoring, cache)},
                       {"lists", report.lists},
                       {"loss", report.loss},
                       {"default_loss", report.default_loss}};
  const auto path = tuned_weights_path(cache);
  const FolderLock lock = FolderLock::for_opening(cache.folder());  // the folder stays where it is
  OutputFile file(path);
  file.write(stored.dump(2) + "\n");
  provenance.option("alpha", alpha_of(options.scoring, cache));
  provenance.option("unpersonalised", report.unpersonalised);
  provenance.count("lists", report.lists);
  provenance.count("without_truth", report.without_truth);
  provenance.count("target_missing", report.target_missing);
  provenance.write(path, "tuned_weights", file.commit(), report.lists);
}

}  // namespace persona4rec
