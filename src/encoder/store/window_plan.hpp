// What of windows of texts is to be computed together: one window, or several that lack little each. Batches are formed
// of a plan's texts, and what is stored of them carries the plan's number: an interrupted run leaves part of a plan,
// and the next one finds the rest by that number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encoder/store/text_store.hpp"

namespace persona4rec {

inline constexpr std::uint64_t kNoPlan = 0;  // no plan has this number

// A distinct text of a window; `plan` = of the block that holds it, or kNoPlan where none does.
struct WindowMember {
  std::size_t distinct = 0;
  TextKey key;
  std::uint64_t plan = kNoPlan;
};

// In the order of the windows.
struct WindowPlan {
  std::uint64_t number = kNoPlan;
  std::vector<std::size_t> distinct;
  std::vector<std::size_t> rows;
  std::vector<TextKey> keys;
  std::vector<std::uint8_t> known;  // 1: stored

  [[nodiscard]] bool is_whole() const;  // nothing is left to compute
};

// The plans of windows that follow each other, each of at most kWindowTexts texts and with something to compute: one
// that was begun is found again, all else that lacks is in new ones. Windows that lack every text make a plan each.
// `first_rows`: of each distinct text, the row where it stands.
[[nodiscard]] std::vector<WindowPlan> make_plans(std::span<const std::vector<WindowMember>> windows,
                                                 std::span<const std::size_t> first_rows);

}  // namespace persona4rec
