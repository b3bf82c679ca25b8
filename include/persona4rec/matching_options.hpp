// How users and personas become vectors and scores: options that cache, train and rerank share, so that what is trained
// is what is served. Formulas: docs/method.md.
#pragma once

#include <cstddef>
#include <cstdint>

namespace persona4rec {

// Which side of a liked interaction speaks for the user.
enum class ProfileSide : std::uint8_t {
  kOwn,    // the user's own review
  kItems,  // what the other users wrote about the item
  kBoth,
};

struct ProfileOptions {
  ProfileSide side = ProfileSide::kBoth;
  std::size_t k_recent = 10;  // newest liked interactions that count, >= 1
  double gamma = 0.65;        // weight of a liked interaction against the next newer one, (0, 1]; 1 = all alike
};

// What a persona's frozen vector is made of. Where that is missing, the persona's text.
enum class PersonaVectors : std::uint8_t {
  kSupport,  // the reviews that support it
  kText,     // its rendered text
  kReaders,  // the profiles of the writers of those reviews, without their review of the item
  kMix,      // the normalised sum of the three
};

// Weights of the channels in the fused score; 0 = the channel is off.
struct FusionWeights {
  double base = 1;           // z of the candidate's own score
  double words = 0.75;       // z of the words of its reviews
  double persona = 0.25;     // z of the frozen persona score
  double head = 0;           // z of the trained head's persona score
  double persona_words = 0;  // z of the words of its personas

  friend bool operator==(const FusionWeights&, const FusionWeights&) = default;
};

// Measured defaults (docs/quality.md): with a trained head its score takes the frozen one's place.
inline constexpr FusionWeights kFrozenWeights{.base = 1, .words = 0.75, .persona = 0.25, .head = 0};
inline constexpr FusionWeights kHeadWeights{.base = 1, .words = 0.75, .persona = 0, .head = 0.75};

// Share of the best persona in an item's persona score.
inline constexpr double kDefaultAlpha = 0.85;

}  // namespace persona4rec
