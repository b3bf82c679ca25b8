// Which language model answers, how fast, at what cost, and what becomes of its answers: the flags of every command
// that asks one (docs/llm.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/flags/workspace_path.hpp"
#include "persona4rec/answers.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

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
  WorkspacePath store_{&Workspace::reply_store};
  std::vector<std::string> batch_;  // what to do, then files
  std::uint64_t dump_prompts_ = 0;
  bool estimate_ = false;
  bool no_store_ = false;
};

}  // namespace persona4rec
