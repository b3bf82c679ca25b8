// Files mapped into memory, read-only: as bytes, or as a headerless little-endian array.
// Thread-safety: const access from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

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

}  // namespace persona4rec
