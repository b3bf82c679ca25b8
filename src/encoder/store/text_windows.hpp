// The distinct texts of a list, in the order of their first appearance, and the windows they are encoded in. Which
// texts of a window are computed together decides the bytes: a vector may differ in its last bits with its batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace persona4rec {

inline constexpr std::size_t kWindowTexts = 4096;

struct DistinctTexts {
  std::vector<std::size_t> first;  // [distinct] the row where each appears first, ascending
  std::vector<std::size_t> of;     // [rows] which distinct text a row holds

  [[nodiscard]] std::size_t size() const { return first.size(); }
};

[[nodiscard]] DistinctTexts find_distinct(std::span<const std::string> texts);

}  // namespace persona4rec
