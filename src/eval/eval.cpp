// evaluate(): truth, then each file in one pass, then scenarios, means and comparisons, then the outputs.
#include "persona4rec/eval.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "base/parallel.hpp"
#include "base/refuse.hpp"
#include "eval/check_options.hpp"
#include "eval/eval_outputs.hpp"
#include "eval/file_names.hpp"
#include "eval/gate/judge_gates.hpp"
#include "eval/ground_truth.hpp"
#include "eval/judge_file.hpp"
#include "eval/scenarios.hpp"
#include "eval/summarize_group.hpp"
#include "eval/user_values.hpp"
#include "io/artifacts.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/output_target.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::string text_at(const Json& meta, const char* part, const char* key) {
  if (!meta.is_object() || !meta.contains(part)) return {};
  const auto& values = meta.at(part);
  return values.is_object() && values.contains(key) && values.at(key).is_string() ? values.at(key).get<std::string>()
                                                                                  : "";
}

bool says_reference(const Json& meta) {
  return text_at(meta, "settings", "split") == "reference";
}

// A name as the last field of a run's lines.
std::string run_tag(std::string name, bool leaky) {
  std::ranges::replace_if(name, [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, '_');
  return leaky ? name + "-LEAKY" : name;
}

// A file on its way through judge_file(), perhaps beside others.
struct FileJob {
  std::filesystem::path path;
  std::string name;
  Json meta;
  std::optional<StoredValues> stored;  // values that need no judging
  std::optional<FilePass> pass;
  std::exception_ptr error;
};

class Evaluation {
 public:
  explicit Evaluation(const EvalOptions& options) : options_(options), outputs_(options) {}

  EvalReport run() {
    start_report();
    take_truth();
    open_reviews();
    make_jobs();
    judge_jobs();
    for (auto& job : jobs_) take(job);
    measure_lists();
    add_groups();
    summarize();
    report_.gates = judge_gates(report_, options_.gates);
    write_outputs();
    return std::move(report_);
  }

 private:
  void start_report() {
    report_.world = options_.world;
    report_.missing = options_.missing;
    report_.bootstrap = options_.baseline || options_.candidates.size() > 1 ? options_.bootstrap : 0;
    report_.confidence = options_.confidence;
    report_.seed = options_.seed;
    for (const auto& metric : wanted_metrics(options_)) {
      (is_per_user(metric.kind) ? report_.metrics : report_.list_metrics).push_back(metric);
    }
  }

  void take_truth() {
    const auto& path = options_.ground_truth;
    const Json meta = read_meta(path);
    loaded_ = load_truth(path, {.format = options_.truth_format,
                                .world = options_.world,
                                .max_bad_rows = options_.max_bad_rows,
                                .threads = options_.threads,
                                .hash = wants_truth_hash()});
    if (role_of(meta, "") == "3.5_gt") check_world(path, "test");
    report_.leaky = loaded_.reference || says_reference(meta);
    report_.truth_name = path == "-" ? "stdin" : path.filename().string();
    report_.truth_sha256 = loaded_.sha256;
    report_.truth = loaded_.counts;
    report_.users = loaded_.truth.give_users();
    candidate_users_.known.resize(report_.users.size());
  }

  // Refuses an input whose meta file speaks of the other world.
  void check_world(const std::filesystem::path& path, const std::string& made_for) const {
    if (made_for.empty() || made_for == to_string(options_.world)) return;
    const std::string message = path.string() + " was made for world " + made_for + ", but world " +
                                to_string(options_.world) +
                                " is evaluated (--for; 3.5_targets.jsonl has both worlds' targets)";
    refuse_unless_forced(message, options_.force);
  }

  // Lists reranked, by force, with a head that may not serve their workspace.
  void check_head(const std::filesystem::path& path, const Json& meta) {
    const Json options = meta.is_object() ? meta.value("options", Json::object()) : Json::object();
    const Json breaches = options.value("head_breaches", Json::array());
    if (breaches.empty()) return;
    std::string reasons;
    for (const auto& reason : breaches) reasons += (reasons.empty() ? "" : "; ") + reason.get<std::string>();
    refuse_unless_forced(path.string() + " was reranked with a head that may not serve it: " + reasons, options_.force);
    report_.leaky |= options.value("head_leaks", false);
  }

  [[nodiscard]] bool counts_items() const {
    const auto is_novelty = [](const Metric& metric) { return metric.kind == MetricKind::kNovelty; };
    return !report_.list_metrics.empty() || std::ranges::any_of(report_.metrics, is_novelty);
  }

  // Which items there are, and how well known they are, must be known before lists are judged.
  void open_reviews() {
    if (!options_.review) return;
    reviews_ = {.path = *options_.review,
                .user_field = options_.review_user_field,
                .item_field = options_.review_item_field,
                .max_bad_rows = options_.max_bad_rows};
    if (!counts_items()) return;
    reviews_.path = InputFile::repeatable(*options_.review, scratch_folder(options_.json.value_or("-")));
    popularity_ = count_items(reviews_);
  }

  void make_jobs() {
    if (options_.baseline) {
      jobs_.push_back({.path = *options_.baseline, .name = "baseline", .meta = read_meta(*options_.baseline)});
    }
    const auto names = options_.names.empty() ? short_names(options_.candidates) : options_.names;
    for (std::size_t i = 0; i < options_.candidates.size(); ++i) {
      jobs_.push_back({.path = options_.candidates[i], .name = names[i], .meta = read_meta(options_.candidates[i])});
    }
    for (const auto& job : jobs_) {
      check_world(job.path, text_at(job.meta, "options", "for"));
      report_.leaky |= says_reference(job.meta);
      check_head(job.path, job.meta);
    }
  }

  [[nodiscard]] bool is_baseline(const FileJob& job) const { return options_.baseline && &job == jobs_.data(); }

  // Files beside each other. Of several that cannot be used the first is spoken of.
  void judge_jobs() {
    parallel_ranges(jobs_.size(), 1, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (auto& job : std::span(jobs_).subspan(begin, end - begin)) {
        try {
          judge(job);
        } catch (...) {
          job.error = std::current_exception();
        }
      }
    });
    for (const auto& job : jobs_) {
      if (job.error) std::rethrow_exception(job.error);
    }
  }

  void judge(FileJob& job) {
    InputFile input = job.path;
    if (is_baseline(job)) {
      input = InputFile::repeatable(job.path, scratch_folder("-"));
      job.stored = read_user_values(input, report_);
      if (job.stored) return;
    }
    const auto source = open_candidate_lists(
        input,
        {.format = options_.candidate_format, .max_bad_rows = options_.max_bad_rows, .base_ranks = wants_base_ranks()});
    const JudgeOptions judging{.truth = loaded_.truth,
                               .metrics = report_.metrics,
                               .list_metrics = report_.list_metrics,
                               .missing = options_.missing,
                               .popularity = &popularity_,
                               .base_ranks = wants_base_ranks(),
                               .max_bad_rows = options_.max_bad_rows,
                               .threads = options_.threads,
                               .hash = wants_hash(job),
                               .progress = progress_of(job),
                               .on_list = run_writer(job)};
    job.pass = judge_file(*source, judging);
  }

  // A quarter of the time of a large file.
  [[nodiscard]] bool wants_hash(const FileJob& job) const {
    return options_.hash_lists || options_.json || options_.per_user || options_.trec || job.meta.is_object();
  }

  // A baseline, or what some meta file says, may be of another ground truth.
  [[nodiscard]] bool wants_truth_hash() const {
    const auto has_meta = [](const std::filesystem::path& path) {
      std::error_code ignored;
      return path != "-" && std::filesystem::exists(meta_path(path), ignored);
    };
    return options_.hash_lists || options_.json || options_.per_user || options_.qrels || options_.baseline ||
           has_meta(options_.ground_truth) || std::ranges::any_of(options_.candidates, has_meta);
  }

  [[nodiscard]] bool wants_base_ranks() const {
    const auto is_unknown_share = [](const Gate& gate) { return gate.subject == GateSubject::kUnknownShare; };
    const auto is_displacement = [](const Metric& metric) { return metric.kind == MetricKind::kDisplacement; };
    return std::ranges::any_of(options_.gates, is_unknown_share) ||
           std::ranges::any_of(report_.metrics, is_displacement);
  }

  std::function<void(std::uint64_t)> progress_of(const FileJob& job) {
    if (!options_.progress) return {};
    return [this, name = job.name](std::uint64_t lists) {
      const std::lock_guard lock(progress_lock_);
      options_.progress({.what = "lists", .done = lists, .total = 0, .detail = name});
    };
  }

  // With --trec: what copies each list into the run.
  std::function<void(const CandidateRow&)> run_writer(const FileJob& job) {
    if (!outputs_.wants_lists() || is_baseline(job)) return {};
    return [this, tag = run_tag(job.name, report_.leaky)](const CandidateRow& list) { outputs_.add_list(list, tag); };
  }

  void take(FileJob& job) {
    if (job.stored) return take_stored(job, *job.stored);
    if (job.pass) take_pass(job, *job.pass);
  }

  void take_pass(const FileJob& job, FilePass& pass) {
    pass.file.name = job.name;
    pass.file.path = job.path;
    check_provenance(job, pass.file.sha256);
    note_candidate_users(pass);
    if (std::ranges::count(pass.has_list, 1) == 0) refuse_strangers(job.path);
    report_.files.push_back(std::move(pass.file));
  }

  void take_stored(const FileJob& job, StoredValues& stored) {
    stored.file.name = job.name;
    stored.file.path = job.path;
    if (stored.world) check_world(job.path, *stored.world);
    if (stored.truth_sha256.empty()) {
      stored.truth_sha256 =
          text_at(job.meta, "inputs", role_of(read_meta(options_.ground_truth), "ground_truth").c_str());
    }
    if (!stored.truth_sha256.empty() && stored.truth_sha256 != report_.truth_sha256) {
      refuse_unless_forced(job.path.string() + " holds values for another ground truth than " +
                               options_.ground_truth.string() + ": make the baseline again",
                           options_.force);
    }
    report_.leaky |= stored.leaky;
    if (std::ranges::count(stored.file.evaluated, 1) == 0) refuse_strangers(job.path);
    check_provenance(job, stored.file.sha256);
    report_.files.push_back(std::move(stored.file));
  }

  void refuse_strangers(const std::filesystem::path& path) const {
    refuse_unless_forced(path.string() + ": no user of this file has ground truth in " + options_.ground_truth.string(),
                         options_.force);
  }

  // A baseline may stem from other versions of what the lists stem from: comparing them is what it is for.
  void check_provenance(const FileJob& job, const std::string& sha256) {
    Provenance provenance = truth_provenance();
    if (is_baseline(job)) {
      provenance.input_value("baseline", sha256);
      provenance.settings(job.meta.is_object() ? job.meta.value("settings", Json::object()) : Json::object());
    } else if (!sha256.empty()) {
      provenance.input(role_of(job.meta, "candidates"), job.path, sha256);
    }
    provenances_.push_back(std::move(provenance));
  }

  Provenance truth_provenance() const {
    Provenance provenance("eval", options_.force);
    if (!report_.truth_sha256.empty()) {
      provenance.input(role_of(read_meta(options_.ground_truth), "ground_truth"), options_.ground_truth,
                       report_.truth_sha256);
    }
    provenance.option("for", to_string(options_.world));
    provenance.count("truth_repeated_rows", report_.truth.repeated_rows);
    provenance.count("truth_other_splits", report_.truth.other_splits);
    provenance.count("truth_not_relevant", report_.truth.not_relevant);
    provenance.count("truth_bad_rows", report_.truth.bad_rows);
    return provenance;
  }

  void note_candidate_users(FilePass& pass) {
    for (std::size_t user = 0; user < pass.has_list.size(); ++user) {
      if (pass.has_list[user] != 0 || options_.missing == MissingLists::kZero) candidate_users_.known[user] = 1;
    }
    candidate_users_.without_truth.merge(pass.without_truth);
  }

  void add_groups() {
    EvalGroup all{.name = "all", .count = std::nullopt, .users = std::vector<std::uint32_t>(report_.users.size())};
    for (std::uint32_t user = 0; user < all.users.size(); ++user) all.users[user] = user;
    report_.groups.push_back(std::move(all));
    if (!options_.review) return;
    report_.leaky |= says_reference(read_meta(*options_.review));
    const auto counts = count_reviews(reviews_, candidate_users_, loaded_.truth);
    review_sha256_ = counts.sha256;
    for (auto& group : scenario_groups(counts, candidate_users_, loaded_.truth)) {
      report_.groups.push_back(std::move(group));
    }
  }

  void measure_lists() {
    if (report_.list_metrics.empty()) return;
    std::unordered_set<std::string_view> catalogue;
    for (const auto& [item, count] : popularity_.reviews) catalogue.insert(item);
    for (std::uint32_t user = 0; user < report_.users.size(); ++user) {
      for (const auto& item : loaded_.truth.items(user)) catalogue.insert(item.text());
    }
    for (const auto& job : jobs_) {
      if (!job.pass) continue;
      for (const auto& [item, counts] : job.pass->items.items()) catalogue.insert(item);
    }
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (const auto& pass = jobs_[i].pass) report_.files[i].list_values = pass->items.values(catalogue.size());
    }
  }

  void summarize() {
    const SummaryOptions summary{.metrics = report_.metrics.size(),
                                 .bootstrap = {.resamples = report_.bootstrap,
                                               .confidence = options_.confidence,
                                               .seed = options_.seed,
                                               .threads = options_.threads},
                                 .tests = options_.baseline.has_value() || !options_.gates.empty()};
    for (auto& file : report_.files) {
      const EvalFile* first = &file == &report_.files.front() ? nullptr : &report_.files.front();
      for (const auto& group : report_.groups) file.groups.push_back(summarize_group(file, first, group, summary));
      warn_of_few_pairs(file);
    }
  }

  // What is compared with a baseline must be said aloud where it is not everyone.
  void warn_of_few_pairs(const EvalFile& file) const {
    if (!options_.baseline || &file == &report_.files.front()) return;
    const auto& all = file.groups.front();
    const auto& base = report_.files.front().groups.front();
    if (all.pairs == all.users && all.pairs == base.users) return;
    log_warning("the baseline and " + file.name + " share " + std::to_string(all.pairs) + " users, of " +
                std::to_string(base.users) + " and " + std::to_string(all.users) +
                " evaluated: differences are over those alone");
  }

  void write_outputs() {
    // Also without --json: files of different splits are refused whatever is written.
    Provenance all = provenances_.front();
    for (std::size_t i = 1; i < provenances_.size(); ++i) {
      all.settings(provenances_[i].merged_settings());
      all.input_value("candidates " + std::to_string(i + 1), report_.files[i].sha256);
    }
    if (options_.review) all.input_value(role_of(read_meta(*options_.review), "reviews"), review_sha256_);
    outputs_.write(report_, loaded_.truth, truth_provenance(), all);
  }

  const EvalOptions& options_;
  EvalReport report_;
  LoadedTruth loaded_;
  CandidateUsers candidate_users_;
  std::vector<Provenance> provenances_;  // [files] the ground truth and that file
  std::string review_sha256_;
  ReviewFile reviews_;
  ItemPopularity popularity_;
  std::vector<FileJob> jobs_;  // [files]
  std::mutex progress_lock_;
  EvalOutputs outputs_;
};

}  // namespace

EvalReport evaluate(const EvalOptions& options) {
  check_options(options);
  return Evaluation(options).run();
}

}  // namespace persona4rec
