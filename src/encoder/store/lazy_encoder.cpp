#include "encoder/store/lazy_encoder.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include "base/process/launch.hpp"
#include "encoder/blocks/block_model.hpp"
#include "encoder/sentence/sentence_encoder.hpp"
#include "encoder/store/dtype_file.hpp"
#include "encoder/store/stored_encoder.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// What drivers of GPUs that LibTorch computes on put there: NVIDIA's, those of its boards and of WSL, AMD's.
constexpr const char* kGpuDevices[] = {"/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/nvgpu", "/dev/dxg", "/dev/kfd"};

bool is_on_processors(const EncoderOptions& options) {
  if (options.device != "auto") return options.device == "cpu";
  std::error_code unknown;
  return std::none_of(std::begin(kGpuDevices), std::end(kGpuDevices),
                      [&](const char* device) { return std::filesystem::exists(device, unknown) || unknown; });
}

using OpenFn = std::function<std::unique_ptr<BatchEncoder>(const OpenedModel& model)>;

class LazyEncoder final : public BatchEncoder {
 public:
  // `dtype`: what `open` will compute with, on a processor.
  LazyEncoder(std::unique_ptr<const OpenedModel> model, const std::string& dtype, OpenFn open)
      : model_(std::move(model)),
        open_(std::move(open)),
        dimensions_(model_->config.hidden),
        max_length_(model_->max_length),
        fingerprint_(model_->fingerprint(dtype, "")) {}

  [[nodiscard]] std::size_t dimensions() const override { return dimensions_; }
  [[nodiscard]] std::size_t max_length() const override { return max_length_; }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override {
    return opened().encode(texts, progress);
  }
  void encode_window(const TextWindow& window, const BatchFn& finished) override {
    opened().encode_window(window, finished);
  }

 private:
  [[nodiscard]] BatchEncoder& opened() {
    if (!encoder_) {
      encoder_ = open_(*model_);
      model_.reset();
      if (encoder_->fingerprint() != fingerprint_) throw internal_error("an encoder is another than its folder says");
    }
    return *encoder_;
  }

  std::unique_ptr<const OpenedModel> model_;  // until it is opened
  OpenFn open_;
  std::size_t dimensions_;
  std::size_t max_length_;
  std::string fingerprint_;
  std::unique_ptr<BatchEncoder> encoder_;
};

}  // namespace

std::unique_ptr<TextEncoder> open_lazy_encoder(const EncoderOptions& options, EncoderOpeners openers) {
  const bool shared = options.shared && read_launch().size > 1;
  if (shared || !is_on_processors(options)) return openers.encoder(options);
  const ModelConfig config = read_model_config(options.folder);
  const auto dtype = known_dtype(options, config);
  const bool in_blocks = dtype && computed_in_blocks(config, *dtype);
  if (!dtype || (options.text_store.empty() && !in_blocks)) return openers.encoder(options);
  auto model = std::make_unique<const OpenedModel>(options);
  if (options.text_store.empty()) return open_block_encoder(options, *model, *dtype);
  if (in_blocks) {
    openers.computing = [dtype = *dtype](const EncoderOptions& of, const OpenedModel& opened) {
      return open_block_encoder(of, opened, dtype);
    };
  }
  auto lazy = std::make_unique<LazyEncoder>(std::move(model), name_of(*dtype),
                                            [options, computing = std::move(openers.computing)](
                                                const OpenedModel& opened) { return computing(options, opened); });
  return std::make_unique<StoredEncoder>(std::move(lazy), options.text_store);
}

}  // namespace persona4rec
