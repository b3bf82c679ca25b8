// prompts/<domain>/<stage>.schema.json: the input is the schema; what is taken must do as an answer's schema too.
#include "asking/answer_schema.hpp"
#include "asking/prompt.hpp"
#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(prompt_schema) {
  static const fuzz::ScratchFolder scratch;
  scratch.write("fuzzed.txt", "[system]\nAnswer.\n[user]\n{{text}}\n");
  scratch.write("fuzzed.schema.json", input);
  const auto prompt = Prompt::load(scratch.path(), "fuzzed");
  for (const Json& answer : {Json::object(), Json{{"name", "a"}, {"list", {1, "b", nullptr}}}, Json("text")}) {
    fuzz::use(check_schema(answer, *prompt.schema()));
  }
}

}  // namespace persona4rec
