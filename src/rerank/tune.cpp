#include "rerank/tune.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/rng.hpp"
#include "io/folder_lock.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/output_file.hpp"
#include "matching/weight_choice.hpp"
#include "matching/weights_json.hpp"
#include "rerank/list_inputs.hpp"
#include "rerank/scorer.hpp"
#include "rerank/weights.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMostUsers = 5000;  // looked at; of more a seeded draw

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

// Everything a list can be scored by: the dense channel is the head's where there is one.
FusionWeights all_on(const ServingCache& cache, bool no_words) {
  const double words = no_words ? 0 : 1;
  return {.base = 1,
          .words = words,
          .persona = cache.has_head() ? 0.0 : 1.0,
          .head = cache.has_head() ? 1.0 : 0.0,
          .persona_words = cache.has_persona_words() ? words : 0};
}

// The whole range for channels that are on, 0 for the others.
std::vector<std::vector<double>> grid_of(const FusionWeights& on) {
  std::vector<std::vector<double>> grid;
  for (const auto& [name, weight] : kWeightNames) {
    if (on.*weight == 0) {
      grid.push_back({0});
    } else if (weight == &FusionWeights::base) {
      grid.emplace_back(kBaseRange.begin(), kBaseRange.end());
    } else {
      grid.emplace_back(kWeightRange.begin(), kWeightRange.end());
    }
  }
  return grid;
}

class Tuning {
 public:
  Tuning(const RerankOptions& options, const ServingCache& cache, Provenance& provenance)
      : options_(options),
        provenance_(provenance),
        targets_(read_valid_targets(options, provenance)),
        defaults_(defaults_of(options, cache)),
        on_(all_on(cache, options.scoring.no_words)),
        scorer_(cache, on_, alpha_of(options.scoring, cache)),
        data_(kChannels) {}

  TuneReport run() {
    (void)register_lists(options_.valid_candidates, World::kValid, options_.force, provenance_);
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
    if (options.scoring.no_words) defaults.words = defaults.persona_words = 0;
    return defaults;
  }

  // A list teaches once for each of its user's targets that it holds.
  void take(const CandidateRow& list) {
    const auto found = targets_.find(list.user_id);
    if (found == targets_.end()) {
      ++report_.without_truth;
      return;
    }
    if (targets_.size() > kMostUsers && Rng(0, "tune\n" + list.user_id.text()).below(targets_.size()) >= kMostUsers) {
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
    const auto choice = choose_weights(data_, {start.begin(), start.end()}, grid_of(on_), 0);
    for (std::size_t c = 0; c < kChannels; ++c) report_.weights.*kWeightNames.at(c).second = choice.weights[c];
    report_.ndcg = choice.ndcg;
    report_.default_ndcg = choice.start_ndcg;
  }

  const RerankOptions& options_;
  Provenance& provenance_;
  ValidTargets targets_;
  FusionWeights defaults_;
  FusionWeights on_;
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
                       {"ndcg@10", report.ndcg},
                       {"default_ndcg@10", report.default_ndcg}};
  const auto path = tuned_weights_path(cache);
  const FolderLock lock = FolderLock::for_opening(cache.folder());  // the folder stays where it is
  OutputFile file(path);
  file.write(stored.dump(2) + "\n");
  provenance.option("alpha", alpha_of(options.scoring, cache));
  provenance.count("lists", report.lists);
  provenance.count("without_truth", report.without_truth);
  provenance.count("target_missing", report.target_missing);
  provenance.write(path, "tuned_weights", file.commit(), report.lists);
}

}  // namespace persona4rec
