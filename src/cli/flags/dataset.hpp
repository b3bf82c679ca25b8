// The dataset: its raw files, which of their reviews a run takes, and what they mean.
#pragma once

#include <filesystem>

#include "cli/command.hpp"
#include "persona4rec/dataset.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

// What the raw files of this dataset mean: [schema.review], [schema.item] and [prompts] of the config file, and
// --prompts DIR over the last.
class DatasetFlags {
 public:
  void add(CLI::App& app);

  // Each throws Error kUsage, naming what is missing, when neither config nor flag says it.
  [[nodiscard]] Dataset dataset(const CommandContext& context, bool has_metadata) const;  // without: no ItemSchema
  [[nodiscard]] ReviewSchema review(const CommandContext& context) const;
  [[nodiscard]] std::filesystem::path prompts(const CommandContext& context) const;

 private:
  std::filesystem::path prompts_;
};

// How numbers in timestamps of artifacts are read: as the config's [schema.review] says; milliseconds without a config,
// and where the dataset has none.
[[nodiscard]] TimeFormat time_format(const CommandContext& context);

// --raw-reviews, --raw-meta, --users, --sample: the raw files of a dataset, and which reviews of them a run takes.
class RawReviewFlags {
 public:
  void add(CLI::App& app);
  [[nodiscard]] std::filesystem::path reviews() const;  // throws Error kUsage when it is not given
  [[nodiscard]] const ReviewSelection& selection() const { return selection_; }

 private:
  std::filesystem::path reviews_;
  ReviewSelection selection_;
};

class RawMetaFlag {
 public:
  void add(CLI::App& app);
  [[nodiscard]] const std::filesystem::path& metadata() const { return metadata_; }  // empty: there is none

 private:
  std::filesystem::path metadata_;
};

}  // namespace persona4rec
