// Python literals in strings, as Yelp writes them.
#include "records/python_literal.hpp"
#include "fuzz/fuzz_target.hpp"
#include "records/raw_dataset.hpp"

namespace persona4rec {

FUZZ_TARGET(python_literal) {
  fuzz::use(parse_python_literal(input).dump(-1, ' ', false, Json::error_handler_t::replace));
  fuzz::use(snake_case(input));
}

}  // namespace persona4rec
