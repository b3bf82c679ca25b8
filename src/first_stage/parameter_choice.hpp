// lambda and alpha of ease and text-ease, chosen by folds of what the item side knows (docs/method.md, 8.5).
// Thread-safety: none needed, one call. The choice does not depend on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "first_stage/first_stage.hpp"

namespace persona4rec {

// One entry an interaction; spans of one length.
struct FoldInteractions {
  std::span<const UserItem> pairs;
  std::span<const std::uint8_t> known;  // may a fit see it? No target may be known.
  std::span<const std::uint8_t> liked;  // what may be held out
  std::size_t users = 0;
  std::size_t items = 0;
  const TermCorpus* reviews = nullptr;  // one document an interaction; read by text-ease alone
};

// Only what `options` leave open is chosen. REQUIRES: method ease or text-ease.
[[nodiscard]] ParameterChoice choose_parameters(const FirstStageOptions& options, const FoldInteractions& data);

}  // namespace persona4rec
