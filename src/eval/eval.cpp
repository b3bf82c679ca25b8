// evaluate(): truth, then each file in one pass, then scenarios, means and comparisons, then the outputs.
#include "persona4rec/eval.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "base/refuse.hpp"
#include "eval/bootstrap.hpp"
#include "eval/file_names.hpp"
#include "eval/ground_truth.hpp"
#include "eval/judge_file.hpp"
#include "eval/metrics.hpp"
#include "eval/scenarios.hpp"
#include "eval/summarize_group.hpp"
#include "eval/trec_writer.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kListsPerUpdate = 1024;
constexpr std::size_t kRunBufferBytes = std::size_t{1} << 18U;

void check_files(const EvalOptions& options) {
  if (options.candidates.empty()) throw usage_error("eval: expected at least one candidate file");
  if (options.ground_truth.empty()) throw usage_error("eval: expected a ground truth file");
  const auto from_stdin = std::ranges::count(options.candidates, "-") + (options.ground_truth == "-" ? 1 : 0) +
                          (options.review && *options.review == "-" ? 1 : 0);
  if (from_stdin > 1) throw usage_error("eval: stdin (\"-\") can be only one of the inputs");
  if (options.trec && options.candidates.size() > 1) {
    throw usage_error("eval: a TREC run holds one list a user, so --trec needs exactly one candidate file, got " +
                      std::to_string(options.candidates.size()));
  }
  if (options.names.empty()) return;
  if (options.names.size() != options.candidates.size()) {
    throw usage_error("eval: " + std::to_string(options.names.size()) + " names for " +
                      std::to_string(options.candidates.size()) + " candidate files");
  }
  if (std::set(options.names.begin(), options.names.end()).size() != options.names.size()) {
    throw usage_error("eval: two candidate files have the same name");
  }
}

void check_numbers(const EvalOptions& options) {
  if (options.ks.empty()) throw usage_error("eval: expected at least one k");
  if (std::ranges::find(options.ks, std::size_t{0}) != options.ks.end())
    throw usage_error("eval: k must be at least 1");
  if (std::set(options.ks.begin(), options.ks.end()).size() != options.ks.size()) {
    throw usage_error("eval: a k is given twice");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    throw usage_error("eval: the confidence must lie between 0 and 1");
  }
}

std::string text_at(const Json& meta, const char* part, const char* key) {
  if (!meta.is_object() || !meta.contains(part)) return {};
  const auto& values = meta.at(part);
  return values.is_object() && values.contains(key) && values.at(key).is_string() ? values.at(key).get<std::string>()
                                                                                  : "";
}

bool says_reference(const Json& meta) {
  return text_at(meta, "settings", "split") == "reference";
}

// The role that an artifact's meta file gives it.
std::string role_of(const Json& meta, const std::string& fallback) {
  return meta.is_object() ? meta.value("artifact", fallback) : fallback;
}

// A name as the last field of a run's lines.
std::string run_tag(std::string name, bool leaky) {
  std::ranges::replace_if(name, [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, '_');
  return leaky ? name + "-LEAKY" : name;
}

// Opened before the work starts.
struct Output {
  explicit Output(const std::filesystem::path& target) : path(target), file(target) {}
  std::filesystem::path path;
  OutputFile file;
};

class Evaluation {
 public:
  explicit Evaluation(const EvalOptions& options) : options_(options) {
    if (options.json) json_.emplace(*options.json);
    if (options.trec) trec_.emplace(*options.trec);
    if (options.qrels) qrels_.emplace(*options.qrels);
  }

  EvalReport run() {
    start_report();
    take_truth();
    for (std::size_t i = 0; i < options_.candidates.size(); ++i) judge(i);
    add_groups();
    summarize();
    write_outputs();
    return std::move(report_);
  }

 private:
  void start_report() {
    report_.world = options_.world;
    report_.missing = options_.missing;
    report_.bootstrap = options_.candidates.size() > 1 ? options_.bootstrap : 0;
    report_.confidence = options_.confidence;
    report_.seed = options_.seed;
    report_.metrics = metrics_at(options_.ks);
  }

  void take_truth() {
    const auto& path = options_.ground_truth;
    const Json meta = read_meta(path);
    loaded_ = load_truth(path, options_.truth_format, options_.world, options_.max_bad_rows);
    if (role_of(meta, "") == "3.5_gt") check_world(path, "test");
    report_.leaky = loaded_.reference || says_reference(meta);
    report_.truth_name = path == "-" ? "stdin" : path.filename().string();
    report_.truth_sha256 = loaded_.sha256;
    report_.truth = loaded_.counts;
    report_.users = loaded_.truth.users();
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

  void judge(std::size_t index) {
    const auto& path = options_.candidates[index];
    const Json meta = read_meta(path);
    check_world(path, text_at(meta, "options", "for"));
    report_.leaky |= says_reference(meta);
    check_head(path, meta);
    const auto source = open_candidate_lists(path, {options_.candidate_format, options_.max_bad_rows});
    auto pass = judge_file(*source, loaded_.truth, report_.metrics, options_.missing, list_watcher(index));
    pass.file.name = name_of(index);
    pass.file.path = path;
    check_provenance(path, meta, pass.file.sha256);
    note_candidate_users(pass);
    if (std::ranges::count(pass.has_list, 1) == 0) {
      refuse_unless_forced(
          path.string() + ": no user of this file has ground truth in " + options_.ground_truth.string(),
          options_.force);
    }
    report_.files.push_back(std::move(pass.file));
  }

  std::string name_of(std::size_t index) const {
    return options_.names.empty() ? short_names(options_.candidates)[index] : options_.names[index];
  }

  // Reports progress and, with --trec, copies the list into the run.
  std::function<void(const CandidateRow&)> list_watcher(std::size_t index) {
    const std::string name = name_of(index);
    const std::string tag = run_tag(name, report_.leaky);
    return [this, name, tag, lists = std::uint64_t{0}](const CandidateRow& list) mutable {
      if (++lists % kListsPerUpdate == 0 && options_.progress) {
        options_.progress({.what = "lists", .done = lists, .total = 0, .detail = name});
      }
      if (!trec_) return;
      append_run(run_text_, list, tag);
      ++run_rows_;
      if (run_text_.size() >= kRunBufferBytes) flush_run();
    };
  }

  void flush_run() {
    if (trec_) trec_->file.write(run_text_);
    run_text_.clear();
  }

  void check_provenance(const std::filesystem::path& path, const Json& meta, const std::string& sha256) {
    Provenance provenance = truth_provenance();
    provenance.input(role_of(meta, "candidates"), path, sha256);
    provenances_.push_back(std::move(provenance));
  }

  Provenance truth_provenance() const {
    Provenance provenance("eval", options_.force);
    provenance.input(role_of(read_meta(options_.ground_truth), "ground_truth"), options_.ground_truth,
                     report_.truth_sha256);
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
    const auto counts = count_reviews({.path = *options_.review,
                                       .user_field = options_.review_user_field,
                                       .item_field = options_.review_item_field,
                                       .max_bad_rows = options_.max_bad_rows},
                                      candidate_users_, loaded_.truth);
    review_sha256_ = counts.sha256;
    for (auto& group : scenario_groups(counts, candidate_users_, loaded_.truth)) {
      report_.groups.push_back(std::move(group));
    }
  }

  void summarize() {
    const BootstrapOptions bootstrap{.resamples = report_.bootstrap,
                                     .confidence = options_.confidence,
                                     .seed = options_.seed,
                                     .threads = options_.threads};
    for (auto& file : report_.files) {
      const EvalFile* first = &file == &report_.files.front() ? nullptr : &report_.files.front();
      for (const auto& group : report_.groups) {
        file.groups.push_back(summarize_group(file, first, group, report_.metrics.size(), bootstrap));
      }
    }
  }

  void write_outputs() {
    // Also without --json: files of different splits are refused whatever is written.
    Provenance all = provenances_.front();
    for (std::size_t i = 1; i < provenances_.size(); ++i) {
      all.settings(provenances_[i].merged_settings());
      all.input_value("candidates " + std::to_string(i + 1), report_.files[i].sha256);
    }
    if (json_) write_json(*json_, all);
    if (trec_) write_trec(*trec_);
    if (qrels_) write_qrels(*qrels_);
  }

  void write_json(Output& output, Provenance& provenance) {
    if (options_.review) provenance.input_value("reviews", review_sha256_);
    provenance.option("ks", options_.ks);
    provenance.option("missing", options_.missing == MissingLists::kZero ? "zero" : "skip");
    provenance.option("bootstrap", report_.bootstrap);
    provenance.option("confidence", report_.confidence);
    provenance.option("seed", report_.seed);
    provenance.option("leaky", report_.leaky);
    count_files(provenance);
    output.file.write(eval_json(report_).dump(2) + "\n");
    finish(output, "eval", report_.files.size(), provenance);
  }

  void count_files(Provenance& provenance) const {
    EvalFileCounts sum;
    for (const auto& file : report_.files) {
      sum.lists += file.counts.lists;
      sum.without_truth += file.counts.without_truth;
      sum.missing += file.counts.missing;
      sum.bad_rows += file.counts.bad_rows;
    }
    provenance.count("users", report_.users.size());
    provenance.count("lists", sum.lists);
    provenance.count("lists_without_truth", sum.without_truth);
    provenance.count("users_without_list", sum.missing);
    provenance.count("bad_rows", sum.bad_rows);
  }

  // A run is the list file again: the ground truth is no part of where it comes from.
  void write_trec(Output& output) {
    flush_run();
    const auto& file = report_.files.front();
    Provenance provenance("eval", options_.force);
    provenance.input(role_of(read_meta(file.path), "candidates"), file.path, file.sha256);
    provenance.option("for", to_string(options_.world));
    provenance.count("bad_rows", file.counts.bad_rows);
    finish(output, "trec_run", run_rows_, provenance);
  }

  void write_qrels(Output& output) const {
    std::string text;
    for (std::uint32_t user = 0; user < report_.users.size(); ++user) {
      for (const auto& item : loaded_.truth.items(user)) append_qrel(text, report_.users[user], item);
    }
    output.file.write(text);
    finish(output, "qrels", report_.truth.rows, truth_provenance());
  }

  static void finish(Output& output, const std::string& role, std::uint64_t rows, const Provenance& provenance) {
    const auto sha256 = output.file.commit();
    if (output.path != "-") provenance.write(output.path, role, sha256, rows);
  }

  const EvalOptions& options_;
  EvalReport report_;
  LoadedTruth loaded_;
  CandidateUsers candidate_users_;
  std::vector<Provenance> provenances_;  // [files] the ground truth and that file
  std::string review_sha256_;
  std::optional<Output> json_;
  std::optional<Output> trec_;
  std::optional<Output> qrels_;
  std::string run_text_;
  std::uint64_t run_rows_ = 0;
};

}  // namespace

EvalReport evaluate(const EvalOptions& options) {
  check_files(options);
  check_numbers(options);
  return Evaluation(options).run();
}

}  // namespace persona4rec
