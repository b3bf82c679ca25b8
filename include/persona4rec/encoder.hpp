// Opens a Hugging Face / sentence-transformers model folder as a TextEncoder (LibTorch inside, none of it here).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

// The number format of weights and activations; vectors come out as f32 whatever it is.
enum class EncoderDtype : std::uint8_t {
  kAuto,  // bf16 where it makes the model's own products at least 10 % faster (docs/method.md 3.3), else f32
  kF32,
  kBf16,
  kInt8,  // linear layers in 8 bits (docs/encoders.md); never chosen by kAuto; CPU only
};

[[nodiscard]] std::string to_string(EncoderDtype dtype);

struct EncoderOptions {
  std::filesystem::path folder;      // the model folder (config.json, model.safetensors, tokenizer files); required
  std::filesystem::path text_store;  // vectors kept between runs; default and "off": empty
  EncoderDtype dtype = EncoderDtype::kAuto;
  // "auto" (a GPU where LibTorch sees one), "cpu", "cuda" or "cuda:1". Of several processes on a machine, auto and cuda
  // are each one's own GPU.
  std::string device = "auto";
  // Where the choice of kAuto stands, made once and taken by every later run; default and "off": empty, measured anew.
  std::filesystem::path dtype_choice;
  std::size_t max_length = 0;  // tokens a text, special ones included; 2 .. the model's positions; 0 = the folder's
  std::size_t threads = 0;     // 0 = the processors this process may run on
  std::size_t batch_tokens = 2048;  // tokens computed at once, >= 1; a longer text is a batch of its own
  // This process is one of several (docs/training.md, Several processes) that share the work: all call encode() with
  // the same texts, and all get all vectors. Each rank but the first keeps its own in <text_store>.rank<N> meanwhile.
  bool shared = false;
  // Texts come with prompts of their own ("query: "), so the folder's default prompt (default_prompt_name of
  // config_sentence_transformers.json) is not put before them; default: it is, as SentenceTransformer.encode does.
  bool has_own_prompts = false;
};

// What the folder says about a model, without opening its weights.
struct EncoderFolderInfo {
  std::string family;  // "bert", "xlm-roberta"
  std::size_t dimensions = 0;
  std::size_t layers = 0;
  std::size_t max_length = 0;  // the folder's own
  std::string pooling;         // "mean", "cls", "max"
  bool normalized = false;
  std::string default_prompt;  // put before every text; empty = none
  bool has_head = false;       // 3_Router as write_encoder_head writes it
};
[[nodiscard]] EncoderFolderInfo read_encoder_folder(const std::filesystem::path& folder);

// Which number type the options come to for options.folder, and why: "f32: bf16 takes 1.9 ms where f32 takes 1.7 ms".
// Measures where nothing stands in options.dtype_choice, and writes nothing. Throws as open_text_encoder does.
[[nodiscard]] std::string dtype_reason(const EncoderOptions& options);

// The token ids of a text as the model sees them: special tokens included, cut at the max length.
using TokenizeFn = std::function<std::vector<std::int32_t>(const std::string& text)>;

// The tokenizer of options.folder alone, without its weights. Safe from any thread. Throws as open_text_encoder.
[[nodiscard]] TokenizeFn open_text_tokenizer(const EncoderOptions& options);

// The encoder of options.folder, behind its text store where one is named. Heads (3_Router) are not applied.
// Texts must be UTF-8 (encode throws Error kInput). One object, one thread; computing uses options.threads.
// Throws Error kInput naming the file: missing, an LFS pointer, a zip, truncated, a wrong shape, an unsupported model,
// a damaged or foreign text store; kUsage for options out of range; kOutput when the store is in use or unwritable.
[[nodiscard]] std::unique_ptr<TextEncoder> open_text_encoder(const EncoderOptions& options);

}  // namespace persona4rec
