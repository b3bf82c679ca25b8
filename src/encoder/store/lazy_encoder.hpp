// An encoder that is opened when the first text has to be computed: where every vector is in the text store, no model
// is made. LibTorch is not even loaded then, nor where our own kernels compute (computed_in_blocks()). What is wrong
// with a folder is said at once all the same, and vectors, their fingerprint and the store are those of
// open_text_encoder.
#pragma once

#include <functional>
#include <memory>

#include "encoder/model_folder/opened_model.hpp"
#include "encoder/store/batch_encoder.hpp"
#include "persona4rec/encoder.hpp"

namespace persona4rec {

// What computes; each throws as open_text_encoder does.
struct EncoderOpeners {
  std::function<std::unique_ptr<TextEncoder>(const EncoderOptions&)> encoder;  // open_text_encoder
  std::function<std::unique_ptr<BatchEncoder>(const EncoderOptions&, const OpenedModel&)> computing;  // without a store
};

// The encoder of the options behind its text store. Opened at once where something about its vectors is not known
// before LibTorch is loaded: whether there is a GPU to use, or which number type is the faster; and where several
// processes share the work. Throws as open_text_encoder.
[[nodiscard]] std::unique_ptr<TextEncoder> open_lazy_encoder(const EncoderOptions& options, EncoderOpeners openers);

// EncoderOpeners::computing; its object file needs LibTorch.
[[nodiscard]] std::unique_ptr<BatchEncoder> open_computing_encoder(const EncoderOptions& options,
                                                                   const OpenedModel& model);

}  // namespace persona4rec
