// Encoder and training come from a shared module, libpersona4rec_torch.so, so that the program itself needs no LibTorch
// and starts without it. The module holds the objects of src/encoder and src/train, links LibTorch, and takes all else,
// the log and the stop flag too, from the program that loads it (cmake/exported_symbols.txt). src/torch_main.cpp is its
// one entry.
#pragma once

#include <memory>
#include <string>

#include "encoder/store/lazy_encoder.hpp"
#include "persona4rec/encoder.hpp"
#include "persona4rec/text_encoder.hpp"
#include "persona4rec/train.hpp"

namespace persona4rec {

// What the module does: the functions of these names in include/persona4rec/ and encoder/store/lazy_encoder.hpp,
// throwing what they throw.
struct TorchFunctions {
  const char* version;  // of the program that the module was built with; first, whatever follows
  std::unique_ptr<TextEncoder> (*open_text_encoder)(const EncoderOptions& options);
  std::unique_ptr<BatchEncoder> (*open_computing_encoder)(const EncoderOptions& options, const OpenedModel& model);
  std::string (*dtype_reason)(const EncoderOptions& options);
  TrainReport (*train)(const TrainOptions& options, const ProfileText& texts, TextEncoder& encoder);
};

// Loads the module when first called: from the program's folder, else from ../lib/persona4rec beside it. It stays
// loaded. Throws Error kInternal, saying what to install, when the module or LibTorch is missing or of another version.
[[nodiscard]] const TorchFunctions& torch_functions();

// For open_lazy_encoder(): the module's, which is loaded when one is called.
[[nodiscard]] EncoderOpeners torch_openers();

}  // namespace persona4rec

extern "C" const persona4rec::TorchFunctions* persona4rec_torch();
