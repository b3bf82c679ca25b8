#include "rerank/tune.hpp"

#include <algorithm>
#include <unordered_map>

#include "io/candidate_lists.hpp"
#include "io/jsonl_reader.hpp"
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

using ValidTargets = std::unordered_map<UserId, ItemId>;

ValidTargets read_valid_targets(const RerankOptions& options, Provenance& provenance) {
  ValidTargets targets;
  JsonlReader reader(options.targets, {.max_bad_rows = options.max_bad_rows});
  for (TargetRow row; reader.next(row); row = {}) {
    if (row.split == TargetSplit::kValid) targets.insert_or_assign(row.user_id, row.item_id);
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

FitBox box_of(const ChannelWeights& defaults, bool unpersonalised) {
  FitBox box;
  for (const double weight : defaults) {
    box.lower.push_back(kLowest * weight);
    box.upper.push_back(kHighest * weight);
  }
  if (unpersonalised) box.lower[kBaseChannel] = 0;
  return box;
}

}  // namespace

TuneReport tune_weights(const RerankOptions& options, const ServingCache& valid_cache, Provenance& provenance) {
  const auto targets = read_valid_targets(options, provenance);
  const Json meta = register_lists(options.valid_candidates, World::kValid, options.force, provenance);
  TuneReport report{.unpersonalised = !meta.value("personalised", true)};
  FusionWeights defaults = default_weights(valid_cache);
  if (options.scoring.no_words) defaults.words = 0;
  Scorer scorer(valid_cache, defaults, options.scoring.alpha);
  FitData data(kChannels);
  const auto lists = open_candidate_lists(options.valid_candidates, {options.format, options.max_bad_rows});
  for (CandidateRow list; lists->next(list); list = {}) {
    const auto target = targets.find(list.user_id);
    if (target == targets.end()) {
      ++report.without_truth;
      continue;
    }
    const auto position = find_target(list, target->second);
    if (position == list.results.size()) {
      ++report.target_missing;
      continue;
    }
    add_list(data, scorer.score(list), position);
    if (options.progress) options.progress({.what = "lists to tune on", .done = data.lists()});
  }
  provenance.input("candidates", options.valid_candidates, lists->sha256());
  report.lists = data.lists();
  if (report.lists == 0) {
    throw input_error({.file = options.valid_candidates.string()}, "no list holds its user's valid target");
  }
  const auto start = channel_weights(defaults);
  const auto fit = fit_weights(data, {start.begin(), start.end()}, box_of(start, report.unpersonalised));
  report.weights = {.base = fit.weights[kBaseChannel],
                    .words = fit.weights[kWordsChannel],
                    .persona = fit.weights[kPersonaChannel],
                    .head = fit.weights[kHeadChannel]};
  report.loss = fit.loss;
  report.default_loss = fit.start_loss;
  return report;
}

void store_tuned_weights(const TuneReport& report, const RerankOptions& options, const ServingCache& cache,
                         Provenance& provenance) {
  const Json stored = {{"weights", to_json(report.weights)},
                       {"build", cache.build()},
                       {"alpha", options.scoring.alpha},
                       {"lists", report.lists},
                       {"loss", report.loss},
                       {"default_loss", report.default_loss}};
  const auto path = tuned_weights_path(cache);
  OutputFile file(path);
  file.write(stored.dump(2) + "\n");
  provenance.option("alpha", options.scoring.alpha);
  provenance.option("unpersonalised", report.unpersonalised);
  provenance.count("lists", report.lists);
  provenance.count("without_truth", report.without_truth);
  provenance.count("target_missing", report.target_missing);
  provenance.write(path, "tuned_weights", file.commit(), report.lists);
}

}  // namespace persona4rec
