#include "eval/eval_outputs.hpp"

#include <utility>

#include "eval/user_values.hpp"
#include "io/lists/list_writer.hpp"
#include "io/lists/trec_writer.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kRunBufferBytes = std::size_t{1} << 18U;

// The files whose values are somebody's own: the stored values of a baseline stand elsewhere already.
std::size_t first_written(const EvalOptions& options) {
  return options.baseline ? 1 : 0;
}

void count_files(const EvalReport& report, Provenance& provenance) {
  EvalFileCounts sum;
  for (const auto& file : report.files) {
    sum.lists += file.counts.lists;
    sum.without_truth += file.counts.without_truth;
    sum.missing += file.counts.missing;
    sum.bad_rows += file.counts.bad_rows;
  }
  provenance.count("users", report.users.size());
  provenance.count("lists", sum.lists);
  provenance.count("lists_without_truth", sum.without_truth);
  provenance.count("users_without_list", sum.missing);
  provenance.count("bad_rows", sum.bad_rows);
}

void note_options(const EvalOptions& options, const EvalReport& report, Provenance& provenance) {
  provenance.option("ks", options.ks);
  provenance.option("missing", options.missing == MissingLists::kZero ? "zero" : "skip");
  provenance.option("bootstrap", report.bootstrap);
  provenance.option("confidence", report.confidence);
  provenance.option("seed", report.seed);
  provenance.option("leaky", report.leaky);
}

}  // namespace

std::string role_of(const Json& meta, const std::string& fallback) {
  return meta.is_object() ? meta.value("artifact", fallback) : fallback;
}

EvalOutputs::EvalOutputs(const EvalOptions& options) : options_(options) {
  if (options.json) json_.emplace(*options.json);
  if (options.per_user) per_user_.emplace(*options.per_user);
  if (options.junit) junit_.emplace(*options.junit);
  if (options.markdown) markdown_.emplace(*options.markdown);
  if (options.trec) {
    trec_.emplace(*options.trec);
    run_format_ = output_format(*options.trec, options.output_format, ListOutput::kTrec);
    run_text_ = list_header(run_format_);
  }
  if (options.qrels) qrels_.emplace(*options.qrels);
}

void EvalOutputs::add_list(const CandidateRow& list, const std::string& tag) {
  append_list(run_text_, list, run_format_, tag);
  ++run_rows_;
  if (trec_ && run_text_.size() >= kRunBufferBytes) flush_run(*trec_);
}

void EvalOutputs::write(const EvalReport& report, const GroundTruth& truth, const Provenance& truth_provenance,
                        const Provenance& all) {
  if (json_) write_json(*json_, report, all);
  if (per_user_) write_per_user(*per_user_, report, all);
  if (junit_) {
    junit_->file.write(gate_junit(report, options_.strict));
    (void)junit_->file.commit();
  }
  if (markdown_) {
    markdown_->file.write(gate_markdown(report));
    (void)markdown_->file.commit();
  }
  if (trec_) write_trec(*trec_, report);
  if (qrels_) write_qrels(*qrels_, report, truth, truth_provenance);
}

void EvalOutputs::finish(Output& output, const std::string& role, std::uint64_t rows, const Provenance& provenance) {
  const auto sha256 = output.file.commit();
  if (output.path != "-") provenance.write(output.path, role, sha256, rows);
}

void EvalOutputs::flush_run(Output& output) {
  output.file.write(run_text_);
  run_text_.clear();
}

void EvalOutputs::write_json(Output& output, const EvalReport& report, const Provenance& all) {
  Provenance provenance = all;
  note_options(options_, report, provenance);
  count_files(report, provenance);
  Json json = eval_json(report);
  if (options_.json_users) {
    for (std::size_t i = first_written(options_); i < report.files.size(); ++i) {
      Json& users = json["files"][i]["users"] = Json::array();
      for (std::uint32_t user = 0; user < report.users.size(); ++user) {
        if (report.files[i].evaluated[user] != 0) users.push_back(user_row(report, report.files[i], user));
      }
    }
  }
  output.file.write(json.dump(2) + "\n");
  finish(output, "eval", report.files.size(), provenance);
}

void EvalOutputs::write_per_user(Output& output, const EvalReport& report, const Provenance& all) {
  Provenance provenance = all;
  note_options(options_, report, provenance);
  std::uint64_t rows = 0;
  for (std::size_t i = first_written(options_); i < report.files.size(); ++i) {
    const auto& file = report.files[i];
    for (std::uint32_t user = 0; user < report.users.size(); ++user) {
      if (file.evaluated[user] == 0) continue;
      Json row = {{"user_id", nullptr}, {"file", file.name}};
      row.update(user_row(report, file, user));
      output.file.write_row(row);
      ++rows;
    }
  }
  finish(output, "eval_users", rows, provenance);
}

// A run is the list file again: the ground truth is no part of where it comes from.
void EvalOutputs::write_trec(Output& output, const EvalReport& report) {
  flush_run(output);
  const auto& file = report.files.back();
  Provenance provenance("eval", options_.force);
  provenance.input(role_of(read_meta(file.path), "candidates"), file.path, file.sha256);
  provenance.option("for", to_string(options_.world));
  provenance.count("bad_rows", file.counts.bad_rows);
  finish(output, "trec_run", run_rows_, provenance);
}

void EvalOutputs::write_qrels(Output& output, const EvalReport& report, const GroundTruth& truth,
                              const Provenance& truth_provenance) {
  std::string text;
  for (std::uint32_t user = 0; user < report.users.size(); ++user) {
    for (const auto& item : truth.items(user)) append_qrel(text, report.users[user], item.as<ItemId>());
  }
  output.file.write(text);
  finish(output, "qrels", report.truth.rows, truth_provenance);
}

}  // namespace persona4rec
