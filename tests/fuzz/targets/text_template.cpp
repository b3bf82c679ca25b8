// prompts/<domain>/*.txt: the input is a template, rendered with values of every kind.
#include "base/text_template.hpp"
#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(text_template) {
  static const Json values = {
      {"name", "N"},
      {"n", 1.5},
      {"none", nullptr},
      {"yes", true},
      {"list", {{{"name", "a"}, {"object", {{"name", "b"}}}}}},  // of two, nested sections grow as 2^n
      {"object", {{"name", "inner"}, {"deep", {{"name", "deepest"}}}}}};
  const auto text = TextTemplate::parse(input, "fuzzed.txt");
  fuzz::use(text.render(values));
  fuzz::use(text.names());
}

}  // namespace persona4rec
