// Training samples (docs/method.md, 6.1 Samples): which user, with which history, is to be brought near which persona.
//
// The target's user is out of the persona's support and readers, with every trace; where nothing is left of the
// selected persona, the nearest other persona of the item stands in (nearest by the frozen vectors), else the sample is
// dropped. Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/mapped_file.hpp"
#include "train/frozen_world.hpp"
#include "train/head_model.hpp"

namespace persona4rec {

struct Sample {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  std::uint32_t persona = 0;
  std::uint32_t interaction = 0;
};

class Samples {
 public:
  enum class Vectors : std::uint8_t { kMadeEachTime, kKept };
  // Those of `selected` whose interaction is on the world's item side. kKept: each sample's profile and persona vector
  // is kept, 8 bytes a dimension (in a file without a name where they are many), for make_batch() to find.
  Samples(const FrozenWorld& world, PersonaVectors kind, const std::vector<SelectedTarget>& selected,
          std::size_t threads, Vectors vectors = Vectors::kMadeEachTime);

  [[nodiscard]] std::size_t size() const { return samples_.size(); }
  [[nodiscard]] const Sample& operator[](std::size_t i) const { return samples_[i]; }
  // The user's liked rows before the target, newest first, at most k_recent.
  [[nodiscard]] std::span<const std::uint32_t> liked(std::size_t i) const { return liked_.of(i); }
  // What 6.4 LogQ adds to the sample's column.
  [[nodiscard]] float log_q(std::size_t i) const { return log_q_of_item_[samples_[i].item]; }
  [[nodiscard]] std::uint64_t moved() const { return moved_; }
  [[nodiscard]] std::uint64_t dropped_no_profile() const { return dropped_no_profile_; }
  [[nodiscard]] std::uint64_t dropped_no_persona() const { return dropped_no_persona_; }

  // Profiles, persona vectors, hard negatives and logQ of the samples numbered by `batch`.
  [[nodiscard]] HeadBatch make_batch(std::span<const std::uint32_t> batch, const LossOptions& loss) const;

 private:
  struct Choice {
    std::uint32_t persona = 0;
    bool moved = false;
    bool found = false;
  };
  // `out`: the vector of the persona chosen, where one is found.
  [[nodiscard]] Choice choose_persona(std::uint32_t user, std::uint32_t selected, std::span<float> out) const;
  // Of sample i: its profile, then its persona's vector.
  [[nodiscard]] std::span<const float> kept(std::size_t i) const {
    const std::size_t size = 2 * world_.dimensions();
    return kept_.values().subspan(row_of_sample_[i] * size, size);
  }
  void count_items();
  void add_hard_negatives(const Sample& sample, std::span<float> out) const;

  const FrozenWorld& world_;
  PersonaVectors kind_;
  std::size_t threads_;
  std::vector<Sample> samples_;
  ScratchFloats kept_;                        // [selected, 2, d]; empty = made each time
  std::vector<std::uint32_t> row_of_sample_;  // of kept_
  GroupedRows liked_;
  std::vector<float> log_q_of_item_;  // -log((count + 1) / sum of counts)
  std::uint64_t moved_ = 0;
  std::uint64_t dropped_no_profile_ = 0;
  std::uint64_t dropped_no_persona_ = 0;
};

}  // namespace persona4rec
