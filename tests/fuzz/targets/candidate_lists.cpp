// Candidate lists, whichever format the bytes look like.
#include "io/lists/candidate_lists.hpp"
#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(candidate_lists) {
  static const fuzz::ScratchFolder scratch;
  const auto file = scratch.write("lists", input);
  for (const bool streaming : {false, true}) {
    const auto lists = open_candidate_lists(file, {.max_bad_rows = 1'000'000, .streaming = streaming});
    for (CandidateRow list; lists->next(list); list = {}) fuzz::use(list);
    fuzz::use(lists->sha256());
  }
}

}  // namespace persona4rec
