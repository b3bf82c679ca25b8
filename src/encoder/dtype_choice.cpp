#include "encoder/dtype_choice.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "base/format.hpp"
#include "encoder/transformer/attention_bf16.hpp"
#include "io/json_file.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {
namespace {

constexpr double kLeastGain = 0.10;

// The choices of a file under a lock, for as long as this object lives.
class LockedChoices {
 public:
  explicit LockedChoices(const std::filesystem::path& path) : path_(path) {
    std::error_code ignored;  // opening says what is wrong
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0 || ::flock(file_, LOCK_EX) != 0) fail();
  }
  LockedChoices(const LockedChoices&) = delete;
  LockedChoices& operator=(const LockedChoices&) = delete;
  ~LockedChoices() {
    if (file_ >= 0) ::close(file_);
  }

  void write(const Json& choices) const {
    const std::string text = choices.dump(2) + "\n";
    const auto written = ::pwrite(file_, text.data(), text.size(), 0);
    if (written != static_cast<ssize_t>(text.size()) || ::fsync(file_) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const { throw output_error(path_.string(), std::strerror(errno)); }

  const std::filesystem::path& path_;
  int file_ = -1;
};

std::string sizes_of(const ModelConfig& model) {
  return std::to_string(model.layers) + " layers of " + std::to_string(model.hidden) + " and " +
         std::to_string(model.intermediate);
}

// No file, or an empty one: no choices.
Json read_choices(const std::filesystem::path& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  return none || size == 0 ? Json::object() : read_json_file(path);
}

std::optional<ComputeDtype> choice_in(const Json& choices, const std::string& sizes,
                                      const std::filesystem::path& path) {
  const auto found = choices.find(sizes);
  if (found == choices.end()) return std::nullopt;
  if (*found == "f32") return ComputeDtype::kF32;
  if (*found == "bf16") return ComputeDtype::kBf16;
  throw input_error({.file = path.string(), .field = sizes},
                    R"(expected "f32" or "bf16"; remove the file, or say --dtype)");
}

ComputeDtype measure(const ModelConfig& model) {
  return has_bf16_instructions() ? faster_dtype(time_products(model)) : ComputeDtype::kF32;
}

}  // namespace

ComputeDtype faster_dtype(const ProductTimes& times) {
  return times.bf16_s <= (1 - kLeastGain) * times.f32_s ? ComputeDtype::kBf16 : ComputeDtype::kF32;
}

std::string dtype_reason(const EncoderOptions& options) {
  if (options.dtype != EncoderDtype::kAuto) return to_string(options.dtype) + ": as --dtype says";
  const ModelConfig model = read_model_config(options.folder);
  if (!options.dtype_choice.empty()) {
    if (const auto chosen = choice_in(read_choices(options.dtype_choice), sizes_of(model), options.dtype_choice)) {
      return std::string(*chosen == ComputeDtype::kBf16 ? "bf16" : "f32") + ": stands in " +
             options.dtype_choice.string() + " for this workspace";
    }
  }
  if (!has_bf16_instructions()) return "f32: this processor has no bf16 instructions";
  const ProductTimes times = time_products(model);
  return std::string(faster_dtype(times) == ComputeDtype::kBf16 ? "bf16" : "f32") +
         ": measured, a layer's products take " + number_text("%.2f", times.bf16_s * 1e3) + " ms in bf16 and " +
         number_text("%.2f", times.f32_s * 1e3) + " ms in f32";
}

ComputeDtype choose_dtype(const EncoderOptions& options, const ModelConfig& model) {
  if (options.dtype == EncoderDtype::kF32) return ComputeDtype::kF32;
  if (options.dtype == EncoderDtype::kBf16) return ComputeDtype::kBf16;
  if (options.dtype == EncoderDtype::kInt8) return ComputeDtype::kInt8;
  const std::filesystem::path& path = options.dtype_choice;
  if (path.empty()) return measure(model);
  const std::string sizes = sizes_of(model);
  if (const auto chosen = choice_in(read_choices(path), sizes, path)) return *chosen;
  const LockedChoices locked(path);
  Json choices = read_choices(path);  // again: another process may have been first
  if (const auto chosen = choice_in(choices, sizes, path)) return *chosen;
  const ComputeDtype chosen = measure(model);
  choices[sizes] = chosen == ComputeDtype::kBf16 ? "bf16" : "f32";
  locked.write(choices);
  return chosen;
}

}  // namespace persona4rec
