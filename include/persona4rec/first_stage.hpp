// First-stage recommenders as `candidates` and the fold fits of `train` know them: which one, with which settings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "persona4rec/words.hpp"

namespace persona4rec {

enum class FirstStageMethod : std::uint8_t { kPopularity, kItemKnn, kEase, kTextEase, kIals, kBpr, kLightGcn };

// "popularity", "itemknn", "ease", "text-ease", "ials", "bpr", "lightgcn"
[[nodiscard]] std::string to_string(FirstStageMethod method);
// Does the order differ from user to user? --tune must know.
[[nodiscard]] bool is_personalised(FirstStageMethod method);

struct FirstStageOptions {
  FirstStageMethod method = FirstStageMethod::kEase;

  // itemknn. Neighbours kept of each item; default 50, range >= 1.
  std::size_t neighbours = 50;
  // itemknn. Added to the cosine's denominator, so that few shared users count less; default 50, range >= 0, 0 = off.
  double shrink = 50;

  // L2 weight, range > 0. ease, text-ease: on the diagonal, in users; ials: times what a user or item weighs in the
  // loss; bpr, lightgcn: on the vectors of a batch. Default: the method's own (lambda_of).
  std::optional<double> lambda;
  // text-ease. Weight of the text kernel beside the Gram matrix, in users; range >= 0, 0 = plain ease. Default:
  // kTextEaseAlpha.
  std::optional<double> alpha;
  // text-ease. What counts as a word; a document is an item: all its item-side reviews.
  WordOptions words;
  // ease, text-ease. Largest size of the dense matrices in GiB, 12 bytes for each pair of items; default 4 (18,900
  // items), range > 0. More is refused.
  double max_memory_gib = 4;

  // ials, bpr, lightgcn. Numbers in the vector of a user or item; default 64, range 1 to 1024.
  std::size_t factors = 64;
  // ials, bpr, lightgcn. Passes over the interactions; range >= 1. Default: the method's own (passes_of).
  std::optional<std::size_t> passes;
  // ials. Weight of all pairs of a user and an item together, in that of all interactions, so that it means the same in
  // a large catalogue as in a small one; default 10, range > 0.
  double unobserved = 10;
  // bpr, lightgcn. Step of Adam; default 0.005, range > 0.
  double step = 0.005;
  // ials, bpr, lightgcn. Of the first vectors, the order of the interactions and what they are held against.
  std::uint64_t seed = 0;

  // Worker threads; default 0 = default_threads(). Never changes a result.
  std::size_t threads = 0;
};

// One pair of settings of ease or text-ease that folds have tried.
struct TriedParameters {
  double lambda = 0;
  double alpha = 0;
  double ndcg = 0;  // NDCG@10 over the lists
};

// What they said of all, and which is taken.
struct ParameterChoice {
  double lambda = 0;
  double alpha = 0;         // 0 = no text
  std::uint64_t lists = 0;  // held-out items that were ranked; 0 = too little data, and the defaults stay
  std::uint64_t items = 0;  // that the trials knew
  std::vector<TriedParameters> tried;
};

// Kept where folds do not say otherwise. Chosen by folds over training positives of real reviews
// (scripts/choose_first_stage.py), where the table is flat.
inline constexpr double kEaseLambda = 50;
inline constexpr double kTextEaseLambda = 200;
inline constexpr double kTextEaseAlpha = 75;
// Chosen on world valid of several sets together.
inline constexpr double kIalsLambda = 0.03;
inline constexpr double kBprLambda = 0.03;
inline constexpr double kLightGcnLambda = 0.01;
inline constexpr std::size_t kIalsPasses = 16;
inline constexpr std::size_t kBprPasses = 300;
inline constexpr std::size_t kLightGcnPasses = 100;
// Of the paper.
inline constexpr std::size_t kLightGcnLayers = 3;

}  // namespace persona4rec
