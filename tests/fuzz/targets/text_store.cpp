// text.store: whatever is taken can be searched and appended to.
#include "encoder/store/text_store.hpp"

#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(text_store) {
  static const fuzz::ScratchFolder scratch;
  const auto path = scratch.write("text.store", input);
  TextStore store(path);
  const auto key = text_key("encoder", "a text");
  for (const auto byte : store.find(key).vector) fuzz::use(byte);
  const std::array keys = {text_key("encoder", "another text")};
  if (!store.find(keys[0]).vector.empty()) return;
  const std::array<float, 2> vector = {1, 0};
  const std::array<std::uint8_t, 1> truncated = {0};
  store.append({.keys = keys, .vectors = vector, .truncated = truncated});
  if (store.find(keys[0]).vector.size() != sizeof(vector)) __builtin_trap();
}

}  // namespace persona4rec
