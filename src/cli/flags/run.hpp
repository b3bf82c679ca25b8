// Flags of one value each that many commands share. A command takes those that mean something to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace persona4rec {

// --force: inputs that do not belong together (by their meta files) are warned about instead of refused.
struct ForceFlag {
  bool value = false;
  void add(CLI::App& app);
};

// --threads: 0 = the processors this process may run on. Never changes a result.
struct ThreadsFlag {
  std::size_t value = 0;
  void add(CLI::App& app);
};

// --seed: of everything random, and of ties in time. Part of SplitFlags; take this where there is no split.
struct SeedFlag {
  std::uint64_t value = 0;
  void add(CLI::App& app);
};

// --device: where the encoder computes. LibTorch checks that it is there.
struct DeviceFlag {
  std::string value = "auto";
  void add(CLI::App& app);
};

// --max-bad-rows: rows of an input that may be unusable and are then skipped and counted; 0 = strict.
struct BadRowsFlag {
  std::uint64_t value = 0;
  void add(CLI::App& app);
};

}  // namespace persona4rec
