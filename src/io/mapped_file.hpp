// Files mapped into memory: read-only as bytes or as a headerless little-endian array, or as room for values.
// Thread-safety: const access from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace persona4rec {

class MappedFile {
 public:
  MappedFile() = default;  // no bytes
  // Throws Error kInput: missing, a directory, unreadable. An empty file maps to an empty range.
  explicit MappedFile(const std::filesystem::path& path);
  // The same, of a file that must be `size` bytes long; the error names `shape` ("2 x 3 fp16") unless that is empty.
  MappedFile(const std::filesystem::path& path, std::size_t size, std::string_view shape = {});
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// count * size, or SIZE_MAX (which no file has) where that overflows.
[[nodiscard]] constexpr std::size_t array_bytes(std::size_t count, std::size_t size) {
  return size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
}

template <class T>
class MappedArray {
 public:
  MappedArray() = default;
  // Throws Error kInput: missing, or not `count` values long.
  MappedArray(const std::filesystem::path& path, std::size_t count) : file_(path, array_bytes(count, sizeof(T))) {}
  [[nodiscard]] std::span<const T> values() const {
    const auto bytes = file_.bytes();
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

 private:
  MappedFile file_;
};

// Room for f32 values that are computed once and read in any order, zero at first: in memory while they are few, else
// in a file without a name, whose pages the system writes out and forgets when memory is short. Thread-safety: distinct
// values from any thread.
class ScratchFloats {
 public:
  static constexpr std::size_t kInMemory = std::size_t{512} << 20U;  // bytes
  ScratchFloats() = default;
  // The file's room in `folder` is taken at once: throws Error kOutput where there is not enough.
  ScratchFloats(std::size_t count, const std::filesystem::path& folder, std::size_t in_memory = kInMemory);
  ScratchFloats(ScratchFloats&& other) noexcept;
  ScratchFloats& operator=(ScratchFloats&& other) noexcept;
  ~ScratchFloats();

  [[nodiscard]] std::span<float> values() { return mapped_ == nullptr ? memory_ : std::span(mapped_, count_); }
  [[nodiscard]] std::span<const float> values() const {
    return mapped_ == nullptr ? std::span<const float>(memory_) : std::span<const float>(mapped_, count_);
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool in_file() const { return mapped_ != nullptr; }

 private:
  std::vector<float> memory_;
  float* mapped_ = nullptr;
  std::size_t count_ = 0;
};

[[nodiscard]] ScratchFloats scratch_copy(std::span<const float> values, const std::filesystem::path& folder);

}  // namespace persona4rec
