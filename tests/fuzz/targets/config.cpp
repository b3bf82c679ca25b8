// configs/<dataset>.toml
#include "cli/config_file.hpp"
#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(config) {
  fuzz::use(parse_config(input, "configs/fuzzed.toml"));
}

}  // namespace persona4rec
