// What every command that asks a language model has: who answers, shards, what is said at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/run.hpp"
#include "persona4rec/answers.hpp"
#include "persona4rec/llm.hpp"

namespace CLI {
class Option;
}

namespace persona4rec {

// Which language model answers, how fast, at what cost, and what becomes of its answers: the flags of every command
// that asks one (docs/llm.md).
class LlmFlags {
 public:
  // `answers` holds the command's defaults of --temperature and --max-tokens; the flags write to it, and to
  // --max-rejects and --shard. REQUIRES: it lives as long as the app.
  void add(CLI::App& app, AnswerOptions& answers);

  // The client that the flags ask for. Estimates and dumped prompts go to stdout.
  [[nodiscard]] std::unique_ptr<ChatClient> client(const CommandContext& context) const;

 private:
  void add_provider(CLI::App& app);
  void add_limits(CLI::App& app);
  void add_answers(CLI::App& app, AnswerOptions& answers);
  void add_modes(CLI::App& app);
  [[nodiscard]] LlmOptions options(const CommandContext& context) const;

  LlmOptions options_;
  const AnswerOptions* answers_ = nullptr;
  CLI::Option* provider_ = nullptr;
  CLI::Option* max_rejects_ = nullptr;
  WorkspacePath store_{&Workspace::reply_store};
  std::vector<std::string> batch_;  // what to do, then files
  std::uint64_t dump_prompts_ = 0;
  bool estimate_ = false;
  bool no_store_ = false;
};

// --merge N: puts the outputs of shards 1/N .. N/N together instead of asking a language model.
class MergeFlag {
 public:
  void add(CLI::App& app);
  [[nodiscard]] bool given() const { return shards_ != 0; }
  // Merges every artifact and says so. REQUIRES: given().
  void run(const CommandContext& context, const std::vector<std::filesystem::path>& artifacts) const;

 private:
  std::uint64_t shards_ = 0;
};

// What the commands that ask a language model have in common beside their inputs: who answers, merging shards, bad
// rows, force.
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

// What the commands that ask a language model say at their end.
// Their old form may have an answer in the store.
inline constexpr const char* kDecodedTexts = "texts with HTML entities decoded";
inline constexpr const char* kAskedAnew = "answers to texts as they were before, asked anew";
inline constexpr const char* kNothingWritten = "the requests were only looked at; no artifact was written";

inline void add_answer_counts(StageSummary& summary, const AnswerCounts& answers) {
  summary.counts.emplace_back("answers", answers.answered);
  summary.counts.emplace_back("set aside", answers.rejected);
}

}  // namespace persona4rec
