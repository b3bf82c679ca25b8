#include "train/fit_lists.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/rng.hpp"
#include "base/stop.hpp"
#include "first_stage/first_stage.hpp"
#include "train/fit_view.hpp"

namespace persona4rec {
namespace {

// Unless they are asked for.
constexpr std::size_t kMostDenseItems = 10000;             // of ease and text-ease
constexpr std::size_t kMostFactoredInteractions = 300000;  // of ials
constexpr std::size_t kMostFoldSteps = 1000;               // of a fold's head: on large sets it is near its end by then

class ListMaker {
 public:
  ListMaker(const TrainData& data, const TrainOptions& options, const TrainedHead& head, FitListCounts& counts)
      : data_(data),
        options_(options),
        head_(head),
        counts_(counts),
        tie_ranks_(tie_ranks(data.personas.items, options.split.seed)) {
    for (const auto method : first_stages()) {
      lists_.push_back(
          {.method = method, .folds = FitData(kFitChannels), .valid = FitData(kFitChannels), .user_of_valid = {}});
    }
  }

  std::vector<FitLists> make() {
    const auto folds = choose_folds();
    for (std::size_t fold = 0; fold < folds.size(); ++fold) {
      tell(fold, folds.size());
      throw_if_stopped();
      add_fold(folds[fold]);
    }
    tell(folds.size(), folds.size());
    add_valid();
    return std::move(lists_);
  }

 private:
  [[nodiscard]] std::vector<FirstStageMethod> first_stages() const {
    if (!options_.first_stages.empty()) return options_.first_stages;
    std::vector<FirstStageMethod> cheap = {FirstStageMethod::kPopularity, FirstStageMethod::kItemKnn};
    if (data_.personas.items.size() <= kMostDenseItems) {
      cheap.insert(cheap.end(), {FirstStageMethod::kEase, FirstStageMethod::kTextEase});
    }
    if (data_.rows.rows() <= kMostFactoredInteractions) cheap.push_back(FirstStageMethod::kIals);
    return cheap;
  }

  void tell(std::size_t done, std::size_t total) const {
    if (options_.progress) options_.progress({.what = "folds", .done = done, .total = total});
  }

  // Right answers of these splits, at most fit_lists of them.
  std::vector<std::uint32_t> targets_of(std::initializer_list<TargetSplit> splits, const char* purpose) const {
    std::vector<std::uint32_t> chosen;
    for (const auto& target : data_.rows.split.targets()) {
      if (std::ranges::find(splits, target.split) != splits.end()) chosen.push_back(target.interaction);
    }
    if (options_.fit_lists > 0 && chosen.size() > options_.fit_lists) {
      Rng(options_.head.seed, purpose).shuffle(chosen);
      chosen.resize(options_.fit_lists);
      std::sort(chosen.begin(), chosen.end());
    }
    return chosen;
  }

  // By a hash of who and what, so that no order of files matters. Where positives were drawn, fewer folds hold out
  // as large a share of all.
  // An encoder that learned from all positives cannot be judged by them: then there are none.
  std::vector<std::vector<std::uint32_t>> choose_folds() {
    if (options_.mode != TrainMode::kHead) return {};
    const auto positives = targets_of({TargetSplit::kTrain, TargetSplit::kReference}, "fit lists");
    const auto all = std::max<std::size_t>(1, data_.rows.split.counts().train_targets);
    counts_.positives = positives.size();
    counts_.folds =
        std::min(options_.folds, std::max<std::size_t>(1, (positives.size() * options_.folds + all - 1) / all));
    std::vector<std::vector<std::uint32_t>> folds(counts_.folds);
    for (const auto i : positives) {
      const auto& interaction = data_.rows.data[i];
      const auto& user = data_.rows.data.users()[interaction.user].text();
      const auto& item = data_.rows.data.items()[interaction.item].text();
      std::string label = "fold\n";
      label.append(user).append("\n").append(item);
      folds[Rng(options_.head.seed, label).below(folds.size())].push_back(i);
    }
    return folds;
  }

  void add_fold(const std::vector<std::uint32_t>& positives) {
    std::vector<std::uint8_t> held_out(data_.rows.rows(), 0);
    for (const auto i : positives) held_out[data_.rows.row_of_interaction[i]] = 1;
    const FrozenWorld world(data_, data_.vectors.values(), options_.profile, held_out, options_.threads);
    const auto head = head_of(world);
    WordChannel words(data_.rows, data_.texts, world.item_side_of_row(), options_.words);
    words.make_items(data_.personas.items.size());
    FitView view(world, words, head, world.liked(), options_);
    std::vector<UserItem> pairs;
    for (std::size_t row = 0; row < data_.rows.rows(); ++row) {
      if (world.item_side_of_row()[row] != 0)
        pairs.push_back({data_.rows.user_of_row[row], data_.rows.item_of_row[row]});
    }
    add_lists(positives, pairs, words, view, &FitLists::folds);
  }

  TrainedHead head_of(const FrozenWorld& world) const {
    const Samples samples(world, options_.persona_vectors, data_.selected, options_.threads, Samples::Vectors::kKept);
    HeadTrainingOptions training = options_.head;
    training.epochs = std::max<std::size_t>(head_.best_epoch, 1);
    training.max_steps = training.max_steps == 0 ? kMostFoldSteps : std::min(training.max_steps, kMostFoldSteps);
    return train_head(samples, data_.dimensions, training, nullptr, {}, options_.threads, {});
  }

  void add_valid() {
    const auto targets = targets_of({TargetSplit::kValid}, "fit valid");
    counts_.valid_targets = targets.size();
    if (targets.empty()) return;
    const FrozenWorld world(data_, data_.vectors.values(), options_.profile, {}, options_.threads);
    WordChannel words(data_.rows, data_.texts, world.item_side_of_row(), options_.words);
    words.make_items(data_.personas.items.size());
    words.make_persona_items(data_.persona_words, data_.personas.items.size());
    const auto liked = data_.rows.liked(World::kValid);
    FitView view(world, words, head_, liked, options_);
    std::vector<UserItem> pairs;
    for (std::uint32_t i = 0; i < data_.rows.data.size(); ++i) {
      if (data_.rows.split.in_history(i, World::kValid))
        pairs.push_back({data_.rows.data[i].user, data_.rows.data[i].item});
    }
    add_lists(targets, pairs, words, view, &FitLists::valid);
  }

  void add_lists(const std::vector<std::uint32_t>& answers, const std::vector<UserItem>& pairs,
                 const WordChannel& words, FitView& view, FitData FitLists::* kind) {
    const std::size_t items = data_.personas.items.size();
    const InteractionMatrix matrix(pairs, data_.rows.data.users().size(), items);
    std::unordered_set<std::uint64_t> held_out;
    for (const auto i : answers) held_out.insert(key(data_.rows.data[i].user, data_.rows.data[i].item));
    for (auto& lists : lists_) {
      throw_if_stopped();
      FirstStageOptions options = options_.first_stage;
      options.method = lists.method;
      const auto texts = lists.method == FirstStageMethod::kTextEase
                             ? std::optional(item_text_vectors(data_.texts.corpus, words.item_of_doc(),
                                                               words.held_out_of_doc(), items, options.words))
                             : std::nullopt;
      const auto base = fit_first_stage(options, matrix, texts ? &*texts : nullptr);
      add_lists_of(answers, matrix, *base, held_out, view, lists, kind);
    }
  }

  void add_lists_of(const std::vector<std::uint32_t>& answers, const InteractionMatrix& matrix, const FirstStage& base,
                    const std::unordered_set<std::uint64_t>& held_out, FitView& view, FitLists& lists,
                    FitData FitLists::* kind) {
    TopItems top(matrix, tie_ranks_);
    std::vector<double> scores(matrix.items());
    for (const auto i : answers) {
      const auto [user, target] = std::pair(data_.rows.data[i].user, data_.rows.data[i].item);
      const auto had = matrix.items_of(user);
      base.score(user, had, scores);
      std::vector<FitCandidate> list;
      std::optional<std::size_t> at;
      for (const auto& best : top.best(scores, had, options_.fit_topk)) {
        // Another held-out positive of the user is no wrong answer.
        if (best.item != target && held_out.contains(key(user, best.item))) continue;
        if (best.item == target) at = list.size();
        list.push_back({best.item, best.score});
      }
      if (!at) continue;
      view.take_user(user);
      view.add_list(list, *at, lists.*kind);
      if (kind == &FitLists::valid) lists.user_of_valid.push_back(user);
    }
  }

  static std::uint64_t key(std::uint32_t user, std::uint32_t item) { return std::uint64_t{user} << 32U | item; }

  const TrainData& data_;
  const TrainOptions& options_;
  const TrainedHead& head_;
  FitListCounts& counts_;
  std::vector<std::uint32_t> tie_ranks_;
  std::vector<FitLists> lists_;
};

}  // namespace

std::vector<FitLists> make_fit_lists(const TrainData& data, const TrainOptions& options, const TrainedHead& head,
                                     FitListCounts& counts) {
  return ListMaker(data, options, head, counts).make();
}

}  // namespace persona4rec
