#include "cli/torch/torch_module.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/version.hpp"
#include "cli/resources.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr const char* kModule = "libpersona4rec_torch.so";

std::filesystem::path find_module() {
  const auto folder = program_folder();
  const auto installed = folder.parent_path() / "lib/persona4rec";
  std::error_code error;  // a folder that cannot be read holds no module
  for (const auto& place : {folder, installed})
    if (std::filesystem::exists(place / kModule, error)) return place / kModule;
  throw internal_error("train, cache and encode need " + std::string(kModule) + ", which is neither in " +
                       folder.string() + " nor in " + installed.string() +
                       ": install the package persona4rec-torch, or build it with the program");
}

// Between operators LibTorch's threads spin, as libgomp has it for milliseconds, and take the cores from what is
// computed beside them. libgomp reads this when it is loaded; who has set either variable keeps it.
void spin_briefly() {
  for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}) {
    if (std::getenv(name) != nullptr) return;
  }
  ::setenv("GOMP_SPINCOUNT", "20000", 1);
}

const TorchFunctions& load_module() {
  const std::filesystem::path file = find_module();
  spin_briefly();
  void* module = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (module == nullptr)
    throw internal_error("train, cache and encode need LibTorch, as scripts/setup.sh installs it; " + file.string() +
                         " cannot be loaded: " + dlerror());
  const auto entry = reinterpret_cast<decltype(&persona4rec_torch)>(dlsym(module, "persona4rec_torch"));
  if (entry == nullptr) throw internal_error(file.string() + " is no module of persona4rec: " + dlerror());
  const TorchFunctions& functions = *entry();
  if (functions.version != version())
    throw internal_error(file.string() + " is of version " + functions.version + ", the program of version " +
                         std::string(version()) + ": put the one beside it that was built with the program");
  return functions;
}

}  // namespace

const TorchFunctions& torch_functions() {
  static const TorchFunctions& functions = load_module();
  return functions;
}

EncoderOpeners torch_openers() {
  return {
      .encoder = [](const EncoderOptions& options) { return torch_functions().open_text_encoder(options); },
      .computing = [](const EncoderOptions& options,
                      const OpenedModel& model) { return torch_functions().open_computing_encoder(options, model); }};
}

}  // namespace persona4rec
