// A read-only memory mapping of a whole file. Thread-safety: const access from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace persona4rec {

class MappedFile {
 public:
  // Throws Error kInput: missing, a directory, unreadable. An empty file maps to an empty range.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace persona4rec
