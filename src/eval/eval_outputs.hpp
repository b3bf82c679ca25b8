// The files that an evaluation writes: opened before the work starts, complete or not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "eval/ground_truth.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// The role that an artifact's meta file gives it.
[[nodiscard]] std::string role_of(const Json& meta, const std::string& fallback);

class EvalOutputs {
 public:
  // Opens what `options` names, which outlive this. Throws Error kOutput.
  explicit EvalOutputs(const EvalOptions& options);

  // With --trec: the next list of the run.
  void add_list(const CandidateRow& list, const std::string& tag);
  [[nodiscard]] bool wants_lists() const { return trec_.has_value(); }

  // `truth`: of the ground truth alone; `all`: of everything that was read. Throws Error kOutput.
  void write(const EvalReport& report, const GroundTruth& truth, const Provenance& truth_provenance,
             const Provenance& all);

 private:
  struct Output {
    explicit Output(const std::filesystem::path& target) : path(target), file(target) {}
    std::filesystem::path path;
    OutputFile file;
  };

  static void finish(Output& output, const std::string& role, std::uint64_t rows, const Provenance& provenance);
  void flush_run(Output& output);
  void write_json(Output& output, const EvalReport& report, const Provenance& all);
  void write_per_user(Output& output, const EvalReport& report, const Provenance& all);
  void write_trec(Output& output, const EvalReport& report);
  void write_qrels(Output& output, const EvalReport& report, const GroundTruth& truth,
                   const Provenance& truth_provenance);

  const EvalOptions& options_;
  std::optional<Output> json_;
  std::optional<Output> per_user_;
  std::optional<Output> junit_;
  std::optional<Output> markdown_;
  std::optional<Output> trec_;
  std::optional<Output> qrels_;
  ListOutput run_format_ = ListOutput::kTrec;
  std::string run_text_;
  std::uint64_t run_rows_ = 0;
};

}  // namespace persona4rec
