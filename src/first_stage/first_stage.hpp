// First-stage recommenders (docs/method.md, 8 First stages): fitted on who had what, they score all items for a user
// from the items the user has had.
//
//   popularity  the number of the item's users; the same for everyone
//   itemknn     score(j) = sum of s_ij over the user's items i among the `neighbours` most similar items of j;
//               s_ij = n_ij / (sqrt(n_i n_j) + shrink), n_ij = users of both
//   ease        B = I - P diag(1 / diag P), P = (X'X + lambda I)^-1; score(j) = sum of B_ij over the user's items
//               (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data")
//   text-ease   the same with P = (X'X + alpha K + lambda I)^-1; K = double-centred cosine of the items' TF-IDF
//               vectors: C_ij - mean_i - mean_j + mean
//   ials        vectors of users and items by alternating least squares; a user's is solved from the items it has had
//               (Hu, Koren, Volinsky 2008, as Rendle et al. 2021 and 2022 set it)
//   bpr         vectors of users and items by a pairwise loss (Rendle et al. 2009)
//   lightgcn    the same, each vector averaged with those of its neighbours, theirs and so on (He et al. 2020)
//
// X is binary: every interaction counts, whatever its rating. A fit is a value of its inputs, so fits on subsets
// (`train` leaves folds out) are just further calls.
// Memory: popularity and itemknn grow with items (x neighbours), ease and text-ease with items squared, the others with
// (users + items) x factors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "first_stage/interaction_matrix.hpp"
#include "lexical/sparse.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/first_stage.hpp"
#include "persona4rec/ids.hpp"

namespace persona4rec {

class FirstStage {
 public:
  FirstStage() = default;
  FirstStage(const FirstStage&) = delete;
  FirstStage& operator=(const FirstStage&) = delete;
  virtual ~FirstStage() = default;

  // Fills scores[j] for every item j. `had`: the user's items, in any order, each once; empty = every score 0 (but
  // popularity's). `user`, its index in the matrix fitted on, is read by bpr and lightgcn alone, which know no others.
  // REQUIRES: scores.size() == items. Thread-safe.
  virtual void score(std::uint32_t user, std::span<const std::uint32_t> had, std::span<double> scores) const = 0;
};

// The L2 weight and the passes that a fit with these options uses: theirs, else the method's own default.
[[nodiscard]] double lambda_of(const FirstStageOptions& options);
[[nodiscard]] std::size_t passes_of(const FirstStageOptions& options);
// The weight of the texts likewise: 0 but for text-ease.
[[nodiscard]] double alpha_of(const FirstStageOptions& options);

// `item_texts`: one unit row an item (item_text_vectors), read by text-ease alone; may be null for the others.
// Throws Error kUsage for settings out of range and when ease's matrices would not fit in max_memory_gib.
[[nodiscard]] std::unique_ptr<FirstStage> fit_first_stage(const FirstStageOptions& options,
                                                          const InteractionMatrix& data,
                                                          const SparseMatrix* item_texts = nullptr);

// Text of items for text-ease: one document an item, all its reviews that are not held out; df over items, so a
// held-out review is out of the texts and out of df. Items without a review have an empty row and are no documents.
// `reviews`: one document a review; item_of[r] its item. REQUIRES: item_of and held_out as long as reviews.
[[nodiscard]] SparseMatrix item_text_vectors(const TermCorpus& reviews, std::span<const std::uint32_t> item_of,
                                             std::span<const std::uint8_t> held_out, std::size_t items,
                                             const WordOptions& options);

// The order in which items of equal score and equal popularity stand: by sha256("seed|item id").
// rank[i] of item i, a permutation of 0 .. items - 1.
[[nodiscard]] std::vector<std::uint32_t> tie_ranks(std::span<const ItemId> item_ids, std::uint64_t seed);

struct ScoredItem {
  std::uint32_t item = 0;
  double score = 0;
};

// Picks the best items for one user after another. Thread-safety: immutable after construction.
class TopItems {
 public:
  // Items that nobody has had in `data` are never recommended. Ties in score: the more popular item first, then
  // tie_rank.
  TopItems(const InteractionMatrix& data, std::span<const std::uint32_t> tie_rank);

  // Items that somebody has had.
  [[nodiscard]] std::size_t items() const { return by_place_.size(); }

  // At most k items that are not in `had`, best first; REQUIRES: one score an item.
  [[nodiscard]] std::vector<ScoredItem> best(std::span<const double> scores, std::span<const std::uint32_t> had,
                                             std::size_t k) const;

 private:
  std::vector<std::uint32_t> place_;     // [items] position in the order of popularity and tie rank
  std::vector<std::uint32_t> by_place_;  // items that somebody has had, in that order
};

}  // namespace persona4rec
