#include "encoder/store/dtype_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io/json_file.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {
namespace {

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

}  // namespace

// The number of int8 stands for how they are quantised, which decides vectors too.
std::string name_of(ComputeDtype dtype) {
  if (dtype == ComputeDtype::kInt8) return "int8 1";
  return dtype == ComputeDtype::kBf16 ? "bf16" : "f32";
}

std::optional<ComputeDtype> stored_dtype(const std::filesystem::path& file, const ModelConfig& model) {
  return choice_in(read_choices(file), sizes_of(model), file);
}

ComputeDtype store_dtype(const std::filesystem::path& file, const ModelConfig& model,
                         const std::function<ComputeDtype()>& choose) {
  if (const auto chosen = stored_dtype(file, model)) return *chosen;
  const LockedChoices locked(file);
  Json choices = read_choices(file);  // again: another process may have been first
  const std::string sizes = sizes_of(model);
  if (const auto chosen = choice_in(choices, sizes, file)) return *chosen;
  const ComputeDtype chosen = choose();
  choices[sizes] = chosen == ComputeDtype::kBf16 ? "bf16" : "f32";
  locked.write(choices);
  return chosen;
}

std::optional<ComputeDtype> known_dtype(const EncoderOptions& options, const ModelConfig& model) {
  if (options.dtype == EncoderDtype::kF32) return ComputeDtype::kF32;
  if (options.dtype == EncoderDtype::kBf16) return ComputeDtype::kBf16;
  if (options.dtype == EncoderDtype::kInt8) return ComputeDtype::kInt8;
  if (options.dtype_choice.empty()) return std::nullopt;
  return stored_dtype(options.dtype_choice, model);
}

}  // namespace persona4rec
