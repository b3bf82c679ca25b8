// --split, --cutoff, --valid-cutoff, --min-positives, --min-history, --targets-per-user, --seed.
#pragma once

#include "persona4rec/split.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class SplitFlags {
 public:
  void add(CLI::App& app);
  // Throws Error kUsage when the flags make no sense together (--cutoff without --split temporal).
  [[nodiscard]] SplitOptions options() const;

 private:
  SplitOptions options_;
  std::optional<std::int64_t> cutoff_ms_;
};

}  // namespace persona4rec
