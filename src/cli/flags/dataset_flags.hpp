// What the raw files of this dataset mean: [schema.review], [schema.item] and [prompts] of the config file, and
// --prompts DIR over the last.
#pragma once

#include <filesystem>

#include "cli/command.hpp"
#include "persona4rec/dataset.hpp"

namespace persona4rec {

class DatasetFlags {
 public:
  void add(CLI::App& app);

  // Each throws Error kUsage, naming what is missing, when neither config nor flag says it.
  [[nodiscard]] Dataset dataset(const CommandContext& context) const;  // all of it
  [[nodiscard]] ReviewSchema review(const CommandContext& context) const;
  [[nodiscard]] std::filesystem::path prompts(const CommandContext& context) const;

 private:
  std::filesystem::path prompts_;
};

// How numbers in timestamps of artifacts are read: as the config's [schema.review] says; milliseconds without a config.
[[nodiscard]] TimeFormat time_format(const CommandContext& context);

}  // namespace persona4rec
