// --raw-reviews, --raw-meta, --users, --sample: the raw files of a dataset, and which reviews of them a run takes.
#pragma once

#include <filesystem>

#include "persona4rec/review_selection.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

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
  [[nodiscard]] std::filesystem::path metadata() const;  // throws Error kUsage when it is not given

 private:
  std::filesystem::path metadata_;
};

}  // namespace persona4rec
