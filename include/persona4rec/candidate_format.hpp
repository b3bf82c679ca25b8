// How a file of candidate lists is written.
#pragma once

#include <cstdint>

namespace persona4rec {

enum class CandidateFormat : std::uint8_t {
  kAuto,   // JSON Lines when the first character is "{", else a TREC run; stdin is taken for JSON Lines
  kJsonl,  // candidate.jsonl, reranked.jsonl
  kTrec,   // "user Q0 item rank score tag", white space between
};

}  // namespace persona4rec
