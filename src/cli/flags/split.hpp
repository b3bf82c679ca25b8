// The split and the world.
#pragma once

#include "persona4rec/dataset.hpp"
#include "persona4rec/split.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

// --split, --cutoff, --valid-cutoff, --cold-share, --min-positives, --min-history, --liked-from, --targets-per-user,
// --seed.
class SplitFlags {
 public:
  void add(CLI::App& app);
  // Throws Error kUsage when the flags make no sense together (--cutoff without --split temporal), or with a dataset
  // whose reviews have no times.
  [[nodiscard]] SplitOptions options(const TimeFormat& time = {}) const;

 private:
  SplitOptions options_;
  std::optional<std::int64_t> cutoff_ms_;
  std::optional<double> cold_share_;
};

// --for valid|test: the world (docs/method.md, 2.2 Worlds and sides) whose histories, candidates and profiles are
// meant.
struct WorldFlag {
  World value = World::kTest;
  void add(CLI::App& app);
};

}  // namespace persona4rec
