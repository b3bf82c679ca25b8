// One view of the data in which right answers are known and nothing was fitted with them: what the channels say of a
// user's candidates there. Formulas: docs/method.md, 5.1 Channels. Thread-safety: one object, one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "matching/fit_data.hpp"
#include "matching/persona_score.hpp"
#include "profiles/word_channel.hpp"
#include "train/frozen_world.hpp"
#include "train/head_trainer.hpp"

namespace persona4rec {

// The channels that weights are fitted for, in the order of a FitData.
enum FitChannel : std::uint8_t { kFitBase, kFitWords, kFitHead, kFitPersonaWords };
inline constexpr std::size_t kFitChannels = 4;

struct FitCandidate {
  std::uint32_t item = 0;
  double score = 0;  // of the first stage
};

class FitView {
 public:
  // `liked`: every user's liked rows, newest first. REQUIRES: everything outlives this object.
  FitView(const FrozenWorld& world, const WordChannel& words, const TrainedHead& head, const GroupedRows& liked,
          const TrainOptions& options);

  // Takes a user; the next lists are that user's.
  void take_user(std::uint32_t user);
  // Appends the list whose right answer is its candidate number `target`.
  void add_list(std::span<const FitCandidate> list, std::size_t target, FitData& data);

 private:
  [[nodiscard]] double head_score(std::uint32_t item);
  [[nodiscard]] double words_score(const SparseMatrix& words, std::uint32_t item) const;

  const FrozenWorld& world_;
  const WordChannel& words_;
  const TrainedHead& head_;
  const GroupedRows& liked_;
  ProfileOptions profile_;
  PersonaScorer scorer_;
  SparseSum sum_;
  std::vector<float> personas_;           // [personas, d] mapped
  std::vector<std::uint8_t> has_vector_;  // [personas]
  std::vector<float> user_vector_;        // mapped; empty = none
  SparseVector user_words_;
};

}  // namespace persona4rec
