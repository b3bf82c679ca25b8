#include "train/fold_fit.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "base/parallel.hpp"
#include "base/rng.hpp"
#include "base/stop.hpp"
#include "first_stage/first_stage.hpp"
#include "matching/fusion.hpp"
#include "matching/head_map.hpp"
#include "matching/persona_score.hpp"
#include "matching/user_profile.hpp"
#include "matching/weight_fit.hpp"
#include "persona4rec/error.hpp"
#include "profiles/word_channel.hpp"
#include "train/head_trainer.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kFitChannels = 3;  // base, words, head
constexpr double kLargestWeight = 20;
constexpr double kSmallestBase = 0.05;  // below it the weights are not scaled to base = 1

// The head channel without a fold.
class FoldHead {
 public:
  FoldHead(const TrainData& data, const FrozenWorld& world, const TrainOptions& options, std::size_t epochs)
      : world_(world), scorer_(options.alpha) {
    const Samples samples(world, options.persona_vectors, data.selected, options.threads);
    HeadTrainingOptions training = options.head;
    training.epochs = std::max<std::size_t>(epochs, 1);
    head_ = train_head(samples, data.dimensions, training, nullptr, {}, options.threads, {});
    const std::size_t d = data.dimensions;
    personas_.resize(data.personas.size() * d);
    has_vector_.resize(data.personas.size());
    parallel_ranges(data.personas.size(), 64, options.threads, [&](std::size_t begin, std::size_t end) {
      std::vector<float> frozen(d);
      for (auto k = static_cast<std::uint32_t>(begin); k < end; ++k) {
        has_vector_[k] = world.persona(options.persona_vectors, k, frozen) &&
                                 map(head_.persona_map).apply(frozen, std::span(personas_).subspan(k * d, d))
                             ? 1
                             : 0;
      }
    });
  }

  // The user's mapped profile; empty when there is none.
  [[nodiscard]] std::vector<float> user(std::uint32_t user, std::span<const std::uint32_t> liked) const {
    std::vector<float> frozen(world_.dimensions());
    std::vector<float> mapped(world_.dimensions());
    const bool found = user_profile(world_.items(), liked, std::array{user}, world_.profile(), frozen) &&
                       map(head_.user_map).apply(frozen, mapped);
    return found ? mapped : std::vector<float>();
  }

  [[nodiscard]] double score(const std::vector<float>& user, std::uint32_t item) {
    const std::size_t d = world_.dimensions();
    if (user.empty()) return kNoValue;
    const auto match = scorer_.match(world_.data().personas.personas_of_item[item], [&](std::uint32_t k) {
      if (has_vector_[k] == 0) return std::optional<float>();
      return std::optional(static_cast<float>(dot(user, std::span(personas_).subspan(k * d, d))));
    });
    return match ? match->score : kNoValue;
  }

 private:
  [[nodiscard]] LinearMap map(const std::vector<float>& weights) const {
    return {.inputs = world_.dimensions(), .outputs = world_.dimensions(), .weights = weights};
  }
  const FrozenWorld& world_;
  PersonaScorer scorer_;
  TrainedHead head_;
  std::vector<float> personas_;           // [personas, d] mapped
  std::vector<std::uint8_t> has_vector_;  // [personas]
};

class FoldFitter {
 public:
  FoldFitter(const TrainData& data, const TrainOptions& options, std::size_t head_epochs)
      : data_(data), options_(options), head_epochs_(head_epochs), fit_data_(kFitChannels) {}

  FoldFit run() {
    assign_folds();
    for (std::size_t fold = 0; fold < options_.folds; ++fold) {
      if (options_.progress) options_.progress({.what = "folds", .done = fold, .total = options_.folds});
      throw_if_stopped();
      add_fold(fold);
    }
    return fit();
  }

 private:
  // Held-out positives by fold, by a hash of who and what, so that no order of files matters.
  void assign_folds() {
    folds_.resize(options_.folds);
    std::vector<std::uint32_t> positives;
    for (const auto& target : data_.rows.split.targets()) {
      if (target.split == TargetSplit::kTrain || target.split == TargetSplit::kReference) {
        positives.push_back(target.interaction);
      }
    }
    if (options_.fit_lists > 0 && positives.size() > options_.fit_lists) {
      Rng(options_.head.seed, "fit lists").shuffle(positives);
      positives.resize(options_.fit_lists);
      std::sort(positives.begin(), positives.end());
    }
    for (const auto i : positives) {
      const auto& interaction = data_.rows.data[i];
      const auto& user = data_.rows.data.users()[interaction.user].text();
      const auto& item = data_.rows.data.items()[interaction.item].text();
      folds_[Rng(options_.head.seed, "fold\n" + user + "\n" + item).below(options_.folds)].push_back(i);
    }
    result_.positives = positives.size();
  }

  void add_fold(std::size_t fold) {
    std::vector<std::uint8_t> held_out(data_.rows.rows(), 0);
    for (const auto i : folds_[fold]) held_out[data_.rows.row_of_interaction[i]] = 1;
    const FrozenWorld world(data_, data_.texts.vectors, options_.profile, held_out, options_.threads);
    WordChannel words(data_.rows, data_.texts, world.item_side_of_row(), options_.words);
    words.make_items(data_.personas.items.size());
    FoldHead head(data_, world, options_, head_epochs_);
    const auto pairs = pairs_of(world);
    const InteractionMatrix matrix(pairs, data_.rows.data.users().size(), data_.personas.items.size());
    const auto texts =
        options_.first_stage.method == FirstStageMethod::kTextEase
            ? std::optional(item_text_vectors(data_.texts.corpus, words.item_of_doc(), words.held_out_of_doc(),
                                              data_.personas.items.size(), options_.first_stage.words))
            : std::nullopt;
    const auto base = fit_first_stage(options_.first_stage, matrix, texts ? &*texts : nullptr);
    TopItems top(matrix, tie_ranks(data_.personas.items, options_.split.seed));
    add_lists(fold, world, words, head, matrix, *base, top);
  }

  std::vector<UserItem> pairs_of(const FrozenWorld& world) const {
    std::vector<UserItem> pairs;
    for (std::size_t row = 0; row < data_.rows.rows(); ++row) {
      if (world.item_side_of_row()[row] != 0)
        pairs.push_back({data_.rows.user_of_row[row], data_.rows.item_of_row[row]});
    }
    return pairs;
  }

  void add_lists(std::size_t fold, const FrozenWorld& world, const WordChannel& words, FoldHead& head,
                 const InteractionMatrix& matrix, const FirstStage& base, TopItems& top) {
    std::vector<double> scores(matrix.items());
    std::unordered_set<std::uint64_t> held_out;
    for (const auto i : folds_[fold]) held_out.insert(key(data_.rows.data[i].user, data_.rows.data[i].item));
    for (const auto i : folds_[fold]) {
      const auto user = data_.rows.data[i].user;
      const auto had = matrix.items_of(user);
      base.score(user, had, scores);
      auto list = top.best(scores, had, options_.fit_topk);
      const auto target = data_.rows.data[i].item;
      // Another held-out positive of the user is no wrong answer.
      std::erase_if(list,
                    [&](const ScoredItem& c) { return c.item != target && held_out.contains(key(user, c.item)); });
      const auto at = std::find_if(list.begin(), list.end(), [&](const ScoredItem& c) { return c.item == target; });
      if (at == list.end()) continue;
      add_list(list, static_cast<std::size_t>(at - list.begin()), user, world, words, head);
    }
  }

  static std::uint64_t key(std::uint32_t user, std::uint32_t item) { return std::uint64_t{user} << 32U | item; }

  void add_list(const std::vector<ScoredItem>& list, std::size_t target, std::uint32_t user, const FrozenWorld& world,
                const WordChannel& words, FoldHead& head) {
    const auto liked = world.liked().of(user);
    const auto profile = head.user(user, liked);
    SparseSum sum(words.vocabulary().size());
    const auto user_terms = words.user(liked, options_.profile, sum);
    std::array<std::vector<double>, kFitChannels> channels;
    for (const auto& candidate : list) {
      const auto item_terms = words.words_of_item().row(candidate.item);
      channels[0].push_back(candidate.score);
      channels[1].push_back(user_terms.empty() || item_terms.empty() ? kNoValue : dot(user_terms, item_terms));
      channels[2].push_back(head.score(profile, candidate.item));
    }
    for (auto& channel : channels) {
      const auto values = channel;
      standardize(values, channel);
    }
    fit_data_.begin_list(target);
    for (std::size_t c = 0; c < list.size(); ++c) {
      fit_data_.add_candidate(std::array{channels[0][c], channels[1][c], channels[2][c]}.data());
    }
  }

  FoldFit fit() {
    result_.lists = fit_data_.lists();
    if (result_.lists == 0) {
      throw Error(ErrorKind::kInput, "--fit-weights: no held-out positive is among the first stage's best " +
                                         std::to_string(options_.fit_topk) + ": there is nothing to fit on");
    }
    const std::vector<double> start{kHeadWeights.base, kHeadWeights.words, kHeadWeights.head};
    const FitBox box{.lower = std::vector<double>(kFitChannels, 0.0),
                     .upper = std::vector<double>(kFitChannels, kLargestWeight)};
    const auto fitted = fit_weights(fit_data_, start, box);
    result_.loss = fitted.loss;
    result_.default_loss = fitted.start_loss;
    const double scale = fitted.weights[0] > kSmallestBase ? fitted.weights[0] : 1.0;
    result_.weights = {.base = fitted.weights[0] / scale,
                       .words = fitted.weights[1] / scale,
                       .persona = 0,
                       .head = fitted.weights[2] / scale};
    return result_;
  }

  const TrainData& data_;
  const TrainOptions& options_;
  std::size_t head_epochs_;
  std::vector<std::vector<std::uint32_t>> folds_;  // interactions
  FitData fit_data_;
  FoldFit result_;
};

}  // namespace

FoldFit fit_on_folds(const TrainData& data, const TrainOptions& options, std::size_t head_epochs) {
  return FoldFitter(data, options, head_epochs).run();
}

}  // namespace persona4rec
