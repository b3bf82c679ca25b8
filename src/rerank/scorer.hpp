// Scores one user's candidate list from a cache: channel values, z, the fused score, the order
// (docs/method.md, 5 Scoring).
//
// Thread-safety: one object, one thread (it keeps its buffers); several may share a cache.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/lists/plain_list.hpp"
#include "matching/persona_score.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/matching_options.hpp"
#include "persona4rec/records.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {

enum ChannelIndex : std::uint8_t {
  kBaseChannel,
  kWordsChannel,
  kPersonaWordsChannel,
  kPersonaChannel,
  kHeadChannel,
};
inline constexpr std::size_t kChannels = kWeightNames.size();
using ChannelWeights = std::array<double, kChannels>;  // by ChannelIndex

[[nodiscard]] ChannelWeights channel_weights(const FusionWeights& weights);

inline constexpr std::uint32_t kNoPersona = UINT32_MAX;

// Everything about one list; parallel to its candidates.
struct ListScores {
  struct Channel {
    bool on = false;            // has a weight, so it was looked at
    std::vector<double> value;  // kNoValue where there is none
    std::vector<double> z;
  };
  std::array<Channel, kChannels> channels;
  std::vector<std::uint8_t> fixed;     // 1 = [PAD]
  std::vector<std::uint32_t> persona;  // best persona of the last dense channel that is on; kNoPersona
  std::vector<double> persona_score;   // its channel's value
  std::vector<double> score;           // fused; a fixed one has that of the position before it in the new order
  std::vector<std::uint32_t> order;    // position -> candidate
  std::optional<std::uint32_t> user;   // row in the cache
  bool has_profile = false;            // the user has a vector in a dense channel that is on
  bool has_words = false;
  bool base_from_ranks = false;  // a score was missing
  std::uint64_t items_unknown = 0;
};

class Scorer {
 public:
  // A weight of 0 switches the channel off. REQUIRES: `cache` outlives this object; weights.head = 0 without a head.
  Scorer(const ServingCache& cache, const FusionWeights& weights, double alpha);

  // The scores of a list; valid until the next call.
  const ListScores& score(const PlainList& list);
  const ListScores& score(const CandidateRow& list);

 private:
  void start(const PlainList& list);
  void base_channel(const PlainList& list);
  void words_channels();
  void multiply_words(const MappedSparseMatrix& words, std::vector<double>& value) const;
  void dense_channel(const DenseChannel& dense, ListScores::Channel& channel);
  void fuse();
  void score_fixed();

  const ServingCache& cache_;
  ChannelWeights weights_;
  PersonaScorer persona_scorer_;
  ListScores out_;
  PlainList view_;                       // of a row that is no PlainList
  std::vector<const ItemEntry*> items_;  // of the candidates; null = unknown or fixed
  std::vector<std::uint32_t> rows_;      // the personas of all candidates in their order, the last some more times
  std::vector<float> user_vector_;       // [d]
  std::vector<float> user_terms_;        // [terms] the user's word vector spread out, all zero between calls
};

}  // namespace persona4rec
