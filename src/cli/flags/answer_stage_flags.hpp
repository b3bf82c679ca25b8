// What the commands that ask a language model have in common beside their inputs: who answers, merging shards, bad
// rows, force.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/flags/llm_flags.hpp"
#include "cli/flags/merge_flag.hpp"
#include "cli/flags/run_flags.hpp"

namespace persona4rec {

class AnswerStageFlags {
 public:
  // REQUIRES: `answers` lives as long as the app.
  void add(CLI::App& app, AnswerOptions& answers) {
    llm_.add(app, answers);
    merge_.add(app);
    bad_rows_.add(app);
    force_.add(app);
  }

  [[nodiscard]] bool merging() const { return merge_.given(); }
  // REQUIRES: merging().
  void merge(const CommandContext& context, const std::vector<std::filesystem::path>& artifacts) const {
    merge_.run(context, artifacts);
  }

  [[nodiscard]] std::uint64_t max_bad_rows() const { return bad_rows_.value; }
  [[nodiscard]] bool force() const { return force_.value; }

  // Fills in what every such stage's options have, and gives the client that the flags ask for.
  template <class StageOptions>
  [[nodiscard]] std::unique_ptr<ChatClient> client(const CommandContext& context, StageOptions& options) const {
    options.max_bad_rows = max_bad_rows();
    options.force = force();
    options.progress = context.progress;
    return llm_.client(context);
  }

 private:
  LlmFlags llm_;
  MergeFlag merge_;
  BadRowsFlag bad_rows_;
  ForceFlag force_;
};

}  // namespace persona4rec
