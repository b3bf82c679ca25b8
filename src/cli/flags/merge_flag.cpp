#include "cli/flags/merge_flag.hpp"

#include <CLI/CLI.hpp>

#include "asking/shard.hpp"
#include "cli/flags/number.hpp"

namespace persona4rec {

void MergeFlag::add(CLI::App& app) {
  add_number(app, "--merge", shards_, {.min = 2}, "Put the outputs of N shards together; ask nothing")
      ->default_str("")
      ->group("Instead of asking the language model")
      ->configurable(false);
}

void MergeFlag::run(const CommandContext& context, const std::vector<std::filesystem::path>& artifacts) const {
  StageSummary summary{.counts = {{"shards", shards_}}, .wrote = artifacts};
  for (const auto& artifact : artifacts) {
    const auto report = merge_shards(artifact, shards_);
    const auto name = artifact.filename().string();
    summary.counts.emplace_back("rows of " + name, report.rows);
    if (report.rejects > 0) summary.counts.emplace_back("rejects of " + name, report.rejects);
  }
  context.summary(summary);
}

}  // namespace persona4rec
