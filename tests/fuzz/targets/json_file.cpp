// The small JSON files that every stage reads: meta files, prices, facts of a checkpoint.
#include "io/json_file.hpp"

#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(json_file) {
  static const fuzz::ScratchFolder scratch;
  fuzz::use(read_json_file(scratch.write("facts.json", input)).dump());
}

}  // namespace persona4rec
