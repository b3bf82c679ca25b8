// A downloaded file of batch answers.
#include "fuzz/fuzz_target.hpp"
#include "llm/batch/batch_file.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

FUZZ_TARGET(batch_answers) {
  static const fuzz::ScratchFolder scratch;
  read_batch_answers(scratch.write("answers.jsonl", input), [](BatchLine&& line) {
    fuzz::use(Json(line.verdict.message).dump());
    fuzz::use(Json(line.verdict.text).dump());
  });
}

}  // namespace persona4rec
