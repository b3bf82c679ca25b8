#include "persona4rec/candidates.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "first_stage/first_stage.hpp"
#include "first_stage/parameter_choice.hpp"
#include "io/folder_lock.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "io/rows/row_text.hpp"
#include "persona4rec/error.hpp"
#include "split/interactions_reader.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kListsTogether = 256;  // made on all threads, then written in order
constexpr std::size_t kListsPerTask = 8;

class ListMaking {
 public:
  explicit ListMaking(const CandidatesOptions& options)
      : options_(options),
        first_stage_(options.first_stage),
        provenance_("candidates", options.force),
        only_writer_(FolderLock::only_writer_of({&options.output, 1})),
        output_(options.output) {
    if (options.topk < 1) throw usage_error("candidates: topk must be at least 1");
    first_stage_.seed = options.split.seed;
  }

  CandidatesReport run() {
    read_reviews();
    split_ = decide_split(data_, options_.split);
    provenance_.settings(split_settings(split_.options()));
    const auto users = listed_users();
    const InteractionMatrix had = world_interactions();
    if (options_.fit_parameters) choose_parameters();
    const auto model = fit(had);
    write_lists(users, had, *model);
    finish();
    return report_;
  }

 private:
  [[nodiscard]] bool reads_texts() const { return first_stage_.method == FirstStageMethod::kTextEase; }
  [[nodiscard]] bool is_ease() const { return first_stage_.method == FirstStageMethod::kEase || reads_texts(); }
  [[nodiscard]] bool learns_vectors() const { return first_stage_.method >= FirstStageMethod::kIals; }

  void tell(const char* what, std::uint64_t done, std::uint64_t total) const {
    if (options_.progress) options_.progress({.what = what, .done = done, .total = total});
  }

  void read_reviews() {
    if (reads_texts()) texts_ = TermCorpus(WordTokenizer(StopWords::resolve(first_stage_.words.stop_words)));
    const JsonlOptions reading{.max_bad_rows = options_.max_bad_rows,
                               .read = {.time = options_.time, .aspects = false}};
    auto read =
        read_interactions(options_.aspects, reading, first_stage_.threads, [&](AspectRow&& row, std::size_t index) {
          if (reads_texts()) texts_.add(row.review_title.value_or("") + "\n" + row.review_text);
          tell("reviews read", index + 1, 0);
        });
    data_ = std::move(read.data);
    report_.bad_rows = read.read.bad_rows;
    provenance_.input("1_aspects", options_.aspects, read.read.sha256);
  }

  // Users with a target in this world; all of them where there are no targets by design.
  [[nodiscard]] std::vector<std::uint32_t> listed_users() const {
    const bool everyone = split_.policy() == SplitPolicy::kNone;
    const auto wanted = options_.world == World::kValid ? TargetSplit::kValid : TargetSplit::kTest;
    std::vector<std::uint8_t> listed(data_.users().size(), everyone ? 1 : 0);
    for (const auto& target : split_.targets()) {
      if (target.split == wanted || target.split == TargetSplit::kReference) listed[data_[target.interaction].user] = 1;
    }
    std::vector<std::uint32_t> users;
    for (std::uint32_t user = 0; user < listed.size(); ++user) {
      if (listed[user] != 0) users.push_back(user);
    }
    if (users.empty()) {
      throw input_error({.file = options_.aspects.string()},
                        "no user has a target in world " + to_string(options_.world) + " under this split");
    }
    return users;
  }

  [[nodiscard]] InteractionMatrix world_interactions() {
    std::vector<UserItem> pairs;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      if (split_.in_history(i, options_.world)) pairs.push_back({data_[i].user, data_[i].item});
    }
    report_.interactions = data_.size();
    report_.fitted_interactions = pairs.size();
    report_.items = data_.items().size();
    return {pairs, data_.users().size(), data_.items().size()};
  }

  // By what the item side knows, which is before every target: the same in both worlds.
  void choose_parameters() {
    if (!is_ease() || (first_stage_.lambda && (first_stage_.alpha || !reads_texts()))) return;
    tell("settings tried", 0, 0);
    std::vector<UserItem> pairs;
    std::vector<std::uint8_t> known;
    std::vector<std::uint8_t> liked;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      pairs.push_back({data_[i].user, data_[i].item});
      known.push_back(split_.item_side(i) ? 1 : 0);
      liked.push_back(split_.positive(data_, i) ? 1 : 0);
    }
    report_.choice = persona4rec::choose_parameters(first_stage_, {.pairs = pairs,
                                                                   .known = known,
                                                                   .liked = liked,
                                                                   .users = data_.users().size(),
                                                                   .items = data_.items().size(),
                                                                   .reviews = reads_texts() ? &texts_ : nullptr});
    first_stage_.lambda = report_.choice->lambda;
    if (reads_texts()) first_stage_.alpha = report_.choice->alpha;
  }

  [[nodiscard]] std::unique_ptr<FirstStage> fit(const InteractionMatrix& had) {
    if (!reads_texts()) return fit_first_stage(first_stage_, had);
    const SparseMatrix item_texts = item_side_texts();
    return fit_first_stage(first_stage_, had, &item_texts);
  }

  [[nodiscard]] SparseMatrix item_side_texts() {
    std::vector<std::uint32_t> item_of;
    std::vector<std::uint8_t> held_out;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      item_of.push_back(data_[i].item);
      held_out.push_back(split_.item_side(i) ? 0 : 1);
    }
    SparseMatrix rows = item_text_vectors(texts_, item_of, held_out, data_.items().size(), first_stage_.words);
    for (std::size_t item = 0; item < rows.rows(); ++item) report_.items_without_text += rows.row(item).empty() ? 1 : 0;
    texts_ = TermCorpus(WordTokenizer());  // no longer needed
    return rows;
  }

  void write_lists(const std::vector<std::uint32_t>& users, const InteractionMatrix& had, const FirstStage& model) {
    const auto ranks = tie_ranks(data_.items(), options_.split.seed);
    const TopItems top(had, ranks);
    report_.items_without_users = data_.items().size() - top.items();
    const auto cold = cold_items(ranks);
    report_.cold_items = cold.size();
    std::vector<Line> lines(kListsTogether);
    for (std::size_t first = 0; first < users.size(); first += kListsTogether) {
      const auto part = std::span(users).subspan(first, std::min(kListsTogether, users.size() - first));
      parallel_ranges(part.size(), kListsPerTask, first_stage_.threads, [&](std::size_t begin, std::size_t end) {
        throw_if_stopped();
        std::vector<double> scores(data_.items().size());
        for (std::size_t i = begin; i < end; ++i) {
          model.score(part[i], had.items_of(part[i]), scores);
          const auto best = top.best(scores, had.items_of(part[i]), options_.topk);
          const auto seen = had.items_of(part[i]).size();
          lines[i] = {.text = row_text(row_of(part[i], best, seen, cold)), .items = best.size(), .seen = seen};
        }
      });
      for (const auto& line : std::span(lines).first(part.size())) write(line);
      tell("lists written", report_.users, users.size());
    }
  }

  struct Line {
    std::string text;
    std::size_t items = 0, seen = 0;
  };

  void write(const Line& line) {
    output_.write(line.text);
    ++report_.users;
    report_.users_without_history += line.seen == 0 ? 1 : 0;
    report_.short_lists += line.items < options_.topk ? 1 : 0;
  }

  [[nodiscard]] Json row_of(std::uint32_t user, const std::vector<ScoredItem>& best, std::size_t seen,
                            const std::vector<std::uint32_t>& cold) const {
    const bool cold_split = split_.policy() == SplitPolicy::kColdItems;
    const bool alone = cold_split && options_.cold == ColdCandidates::kAlone;
    CandidateRow row = list_of(user, alone ? std::vector<ScoredItem>() : best, seen);
    if (cold_split) add_cold_items(row, cold);
    return to_json(row);
  }

  [[nodiscard]] std::vector<std::uint32_t> cold_items(const std::vector<std::uint32_t>& ranks) const {
    std::vector<std::uint32_t> items;
    for (std::uint32_t item = 0; item < data_.items().size(); ++item) {
      if (options_.cold != ColdCandidates::kNone && split_.is_cold(item, options_.world)) items.push_back(item);
    }
    std::ranges::sort(items, {}, [&](auto item) { return ranks[item]; });
    return items;
  }

  void add_cold_items(CandidateRow& row, const std::vector<std::uint32_t>& cold) const {
    const auto score = row.results.empty() ? std::optional(0.0) : row.results.back().score;
    for (const auto item : cold) row.results.push_back({data_.items()[item], score});
    row.topk =
        static_cast<std::int64_t>(options_.cold == ColdCandidates::kAlone ? cold.size() : options_.topk + cold.size());
  }

  [[nodiscard]] CandidateRow list_of(std::uint32_t user, const std::vector<ScoredItem>& best, std::size_t seen) const {
    CandidateRow row{
        .user_id = data_.users()[user],
        .topk = static_cast<std::int64_t>(options_.topk),
        .filter_scope = filter_scope(),
        .results = {},
        .context = {
            {"method", to_string(first_stage_.method)}, {"for", to_string(options_.world)}, {"seen_items", seen}}};
    for (const auto& [item, score] : best) row.results.push_back({data_.items()[item], score});
    return row;
  }

  [[nodiscard]] std::string filter_scope() const {
    if (split_.policy() == SplitPolicy::kNone || split_.policy() == SplitPolicy::kReference) return "all";
    return options_.world == World::kValid ? "train" : "train_valid";
  }

  // The settings that decide the lists; those of other methods are null, or absent where only newer ones have them.
  void tell_options() {
    const FirstStageOptions& first = first_stage_;
    const bool knn = first.method == FirstStageMethod::kItemKnn;
    const auto when = [](bool used, auto value) { return used ? Json(value) : Json(nullptr); };
    provenance_.option("method", to_string(first.method));
    provenance_.option("personalised", is_personalised(first.method));
    provenance_.option("for", to_string(options_.world));
    provenance_.option("topk", options_.topk);
    if (split_.policy() == SplitPolicy::kColdItems) provenance_.option("cold", to_string(options_.cold));
    provenance_.option("neighbours", when(knn, first.neighbours));
    provenance_.option("shrink", when(knn, first.shrink));
    provenance_.option("lambda", when(is_ease() || learns_vectors(), lambda_of(first)));
    provenance_.option("alpha", when(reads_texts(), alpha_of(first)));
    provenance_.option("words", reads_texts() ? to_json(first.words) : Json(nullptr));
    if (is_ease()) tell_choice();
    if (!learns_vectors()) return;
    const bool ials = first.method == FirstStageMethod::kIals;
    provenance_.option("factors", first.factors);
    provenance_.option("passes", passes_of(first));
    provenance_.option("unobserved", when(ials, first.unobserved));
    provenance_.option("step", when(!ials, first.step));
  }

  // What the folds said of each pair of lambda and alpha, in the order tried; null where nothing was chosen.
  void tell_choice() {
    Json choice;
    if (report_.choice) {
      choice = {{"lists", report_.choice->lists}, {"items", report_.choice->items}, {"tried", Json::array()}};
      for (const auto& [lambda, alpha, ndcg] : report_.choice->tried) {
        choice["tried"].push_back({{"lambda", lambda}, {"alpha", alpha}, {"ndcg@10", ndcg}});
      }
    }
    provenance_.option("chosen_by_folds", choice);
  }

  void finish() {
    tell_options();
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"interactions", report_.interactions},
             {"fitted_interactions", report_.fitted_interactions},
             {"items", report_.items},
             {"items_without_users", report_.items_without_users},
             {"items_without_text", report_.items_without_text},
             {"users", report_.users},
             {"users_without_history", report_.users_without_history},
             {"short_lists", report_.short_lists},
             {"bad_rows", report_.bad_rows}}) {
      provenance_.count(name, value);
    }
    if (split_.policy() == SplitPolicy::kColdItems) provenance_.count("cold_items", report_.cold_items);
    const std::string sha256 = output_.commit();
    if (options_.output != "-") {
      provenance_.write(options_.output, "candidate." + to_string(options_.world), sha256, report_.users);
    }
  }

  const CandidatesOptions& options_;
  FirstStageOptions first_stage_;  // with what folds have chosen
  Provenance provenance_;
  std::vector<FolderLock> only_writer_;
  OutputFile output_;
  CandidatesReport report_;
  Interactions data_;
  Split split_;
  TermCorpus texts_{WordTokenizer()};  // text-ease: one document an interaction
};

}  // namespace

CandidatesReport make_candidates(const CandidatesOptions& options) {
  return ListMaking(options).run();
}

}  // namespace persona4rec
