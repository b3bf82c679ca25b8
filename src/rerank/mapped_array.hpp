// A read-only mapping of a headerless little-endian array. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>

namespace persona4rec {

// The bytes of a file. Throws Error kInput: missing, or not `expected` bytes long.
class MappedBytes {
 public:
  MappedBytes() = default;
  MappedBytes(const std::filesystem::path& path, std::size_t expected);
  MappedBytes(MappedBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedBytes& operator=(MappedBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~MappedBytes();
  [[nodiscard]] const void* data() const { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

template <class T>
class MappedArray {
 public:
  MappedArray() = default;
  MappedArray(const std::filesystem::path& path, std::size_t count) : bytes_(path, count * sizeof(T)), count_(count) {}
  [[nodiscard]] std::span<const T> values() const { return {static_cast<const T*>(bytes_.data()), count_}; }

 private:
  MappedBytes bytes_;
  std::size_t count_ = 0;
};

}  // namespace persona4rec
