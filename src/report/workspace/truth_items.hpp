// What users took, read once more for those who show it.
#pragma once

#include <cstdint>
#include <functional>

#include "io/input_file.hpp"
#include "persona4rec/list_format.hpp"
#include "persona4rec/records.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

struct TruthOptions {
  World world = World::kTest;  // whose rows count in 3.5_targets
  ListFormat format = ListFormat::kAuto;
  std::uint64_t max_bad_rows = 0;
};

// Calls `take` with every true pair of a ground truth (3.5_gt, gt, 3.5_targets, qrels), repeated ones too. Throws Error
// kInput. Thread-safe.
void read_truth_items(const InputFile& input, const TruthOptions& options,
                      const std::function<void(const UserId&, const ItemId&)>& take);

}  // namespace persona4rec
