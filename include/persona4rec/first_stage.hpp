// First-stage recommenders as `candidates` and the fold fits of `train` know them: which one, with which settings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "persona4rec/words.hpp"

namespace persona4rec {

enum class FirstStageMethod : std::uint8_t { kPopularity, kItemKnn, kEase, kTextEase };

[[nodiscard]] std::string to_string(FirstStageMethod method);  // "popularity", "itemknn", "ease", "text-ease"
// Does the order differ from user to user? --tune must know.
[[nodiscard]] bool is_personalised(FirstStageMethod method);

struct FirstStageOptions {
  FirstStageMethod method = FirstStageMethod::kEase;

  // itemknn. Neighbours kept of each item; default 50, range >= 1.
  std::size_t neighbours = 50;
  // itemknn. Added to the cosine's denominator, so that few shared users count less; default 50, range >= 0, 0 = off.
  double shrink = 50;

  // ease, text-ease. L2 weight on the diagonal, in users; range > 0. Default: kEaseLambda or kTextEaseLambda.
  std::optional<double> lambda;
  // text-ease. Weight of the text kernel beside the Gram matrix, in users; default 75, range >= 0, 0 = plain ease.
  double alpha = 75;
  // text-ease. What counts as a word; a document is an item: all its item-side reviews.
  WordOptions words;
  // ease, text-ease. Largest size of the dense matrices in GiB, 12 bytes for each pair of items; default 4 (18,900
  // items), range > 0. More is refused.
  double max_memory_gib = 4;

  // Worker threads; default 0 = default_threads(). Never changes a result.
  std::size_t threads = 0;
};

// Chosen by folds over training positives of real reviews (scripts/choose_first_stage.py), where the table is flat.
inline constexpr double kEaseLambda = 50;
inline constexpr double kTextEaseLambda = 200;

}  // namespace persona4rec
