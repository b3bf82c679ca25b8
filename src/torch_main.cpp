// The entry of libpersona4rec_torch.so (cli/torch/torch_module.hpp). What LibTorch throws becomes an Error in here.
#include <c10/util/Exception.h>

#include <string>
#include <utility>

#include "cli/torch/torch_module.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

template <auto kFunction>
struct Guarded;

template <typename Result, typename... Arguments, Result (*kFunction)(Arguments...)>
struct Guarded<kFunction> {
  static Result call(Arguments... arguments) {
    try {
      return kFunction(std::forward<Arguments>(arguments)...);
    } catch (const c10::Error& error) {
      throw internal_error(std::string("LibTorch: ") + error.what_without_backtrace());
    }
  }
};

}  // namespace
}  // namespace persona4rec

const persona4rec::TorchFunctions* persona4rec_torch() {
  using namespace persona4rec;
  static const TorchFunctions kFunctions = {.version = P4R_VERSION,
                                            .open_text_encoder = Guarded<&open_text_encoder>::call,
                                            .open_computing_encoder = Guarded<&open_computing_encoder>::call,
                                            .dtype_reason = Guarded<&dtype_reason>::call,
                                            .train = Guarded<&train>::call};
  return &kFunctions;
}
