// What a step of encoder training computes: which texts, each once, and how their vectors become users and personas
// (docs/method.md, 6.8 Training the encoder). No tensors here.
//
// A text is a row of TrainData::texts, or, behind the last of them, a row of TrainData::persona_texts. The means of
// other users' reviews and the supporting reviews that are not encoded come from a FrozenWorld, the memory bank: no
// gradient goes through them. Thread-safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "persona4rec/train.hpp"
#include "train/frozen_world.hpp"
#include "train/samples.hpp"

namespace persona4rec {

// Vectors that are summed into rows: entry e adds weight_e * norm(x of text_e + fixed_e) to row owner_e. x is the
// text's centred vector at unit length.
struct ProfileEntries {
  std::vector<std::uint32_t> text;  // index into BatchPlan::texts; kNoText = the fixed part alone
  std::vector<float> fixed;         // [entries, d]; empty = zeros
  std::vector<std::uint32_t> owner;
  std::vector<float> weight;
};
inline constexpr std::uint32_t kNoText = UINT32_MAX;

struct BatchPlan {
  std::size_t size = 0;              // b samples
  std::size_t dimensions = 0;        // d
  std::vector<std::uint32_t> texts;  // distinct
  std::size_t persona_texts = 0;     // the last so many of `texts` are those of personas
  ProfileEntries users;
  ProfileEntries personas;
  std::vector<float> personas_fixed;  // [b, d] added to the sums; empty = zeros
  std::vector<float> hard;            // [b, h, d] unit rows of the memory bank, missing ones zero
  std::vector<float> others;          // [m, d] likewise, of personas drawn from the catalogue; the same for every rank
  std::vector<std::uint8_t> masked_others;  // [b, m] 1 = of the target's item, or of an item that the user likes
  std::size_t catalogue = 0;                // personas that `others` were drawn from
  std::vector<float> log_q;                 // [b]; empty = 0
  std::vector<std::uint32_t> user_id, persona_id, item_id;  // [b]
};

// `batch` numbers samples; `bank` has the vectors of the epoch's beginning, of the same data as `samples`; `step` seeds
// which reviews stand for a persona and which negatives are drawn.
[[nodiscard]] BatchPlan plan_batch(const Samples& samples, std::span<const std::uint32_t> batch,
                                   const FrozenWorld& bank, const TrainOptions& options, std::uint64_t step);

}  // namespace persona4rec
