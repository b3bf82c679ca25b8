// What the four stages that ask a language model (extract-aspects, summarize, personas, select) have in common.
#pragma once

#include <cstdint>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// One of `count` equal parts of a stage's work, cut by row, so that several machines share it (each with its own reply
// store). Outputs of a part are named x.shard-<index>-of-<count>.jsonl; merge_shards() (asking/shard.hpp) puts them
// together.
struct Shard {
  std::uint64_t index = 1;  // 1 .. count
  std::uint64_t count = 1;  // 1 = everything in one run (off)

  [[nodiscard]] bool whole() const { return count == 1; }
};

struct AnswerOptions {
  Sampling sampling;              // of every request of the stage; each stage has its own default
  std::uint64_t max_rejects = 0;  // answers that may be set aside before the run counts as failed; 0 = none
  Shard shard = {};               // the part to work on
};

struct AnswerCounts {
  std::uint64_t requests = 0;  // rows that need an answer
  std::uint64_t answered = 0;
  std::uint64_t rejected = 0;  // set aside in <artifact>.rejects.jsonl
};

}  // namespace persona4rec
