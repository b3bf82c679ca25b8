// What the commands that ask a language model say at their end.
#pragma once

#include "cli/command.hpp"
#include "persona4rec/answers.hpp"

namespace persona4rec {

inline constexpr const char* kNothingWritten = "the requests were only looked at; no artifact was written";

inline void add_answer_counts(StageSummary& summary, const AnswerCounts& answers) {
  summary.counts.emplace_back("answers", answers.answered);
  summary.counts.emplace_back("set aside", answers.rejected);
}

}  // namespace persona4rec
