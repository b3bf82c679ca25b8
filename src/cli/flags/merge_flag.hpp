// --merge N: puts the outputs of shards 1/N .. N/N together instead of asking a language model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cli/command.hpp"

namespace persona4rec {

class MergeFlag {
 public:
  void add(CLI::App& app);
  [[nodiscard]] bool given() const { return shards_ != 0; }
  // Merges every artifact and says so. REQUIRES: given().
  void run(const CommandContext& context, const std::vector<std::filesystem::path>& artifacts) const;

 private:
  std::uint64_t shards_ = 0;
};

}  // namespace persona4rec
