// Lines of TREC runs and qrels.
#include "fuzz/fuzz_target.hpp"
#include "io/lists/trec_reader.hpp"

namespace persona4rec {
namespace {

template <class Parse>
void parse_lines(std::string_view input, const Parse& parse) {
  while (!input.empty()) {
    try {
      fuzz::use(parse(fuzz::take_line(input), Place{.file = "run.trec", .line = 1, .field = {}}));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput) throw;
    }
  }
}

}  // namespace

FUZZ_TARGET(trec_lines) {
  parse_lines(input, parse_run_line);
  parse_lines(input, parse_qrel_line);
}

}  // namespace persona4rec
