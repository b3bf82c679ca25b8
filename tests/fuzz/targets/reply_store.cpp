// llm.sqlite: a database of any bytes. What opens can be read from.
#include "llm/store/reply_store.hpp"

#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(reply_store) {
  const fuzz::ScratchFolder scratch;
  ReplyStore store(scratch.write("llm.sqlite", input), false);
  store.begin_run("fuzzed");
  fuzz::use(store.find(std::string(64, 'a')));
  fuzz::use(store.usage("personas", "fuzzed"));
  fuzz::use(store.total_cost());
  store.flush();
}

}  // namespace persona4rec
