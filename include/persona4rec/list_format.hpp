// How a file of candidate lists, or of their ground truth, is written.
#pragma once

#include <cstdint>

namespace persona4rec {

enum class ListFormat : std::uint8_t {
  kAuto,   // JSON Lines when the first character is "{", else TREC
  kJsonl,  // candidate.jsonl, reranked.jsonl; 3.5_gt.jsonl, 3.5_targets.jsonl
  kTrec,   // a run, "user Q0 item rank score tag", or qrels, "user 0 item relevance"; white space between
};

}  // namespace persona4rec
