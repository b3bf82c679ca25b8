// libFuzzer's way into the one target that is linked in.
#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto run = persona4rec::fuzz::targets().begin()->second;
  persona4rec::fuzz::run_target(run, {reinterpret_cast<const char*>(data), size});
  return 0;
}
