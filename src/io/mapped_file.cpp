#include "io/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "io/descriptor.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

[[noreturn]] void refuse_mapping(const std::filesystem::path& path, std::string_view message) {
  throw input_error({.file = path.string()}, message);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) refuse_mapping(path, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat info{};
  if (::fstat(file.value(), &info) != 0) refuse_mapping(path, std::strerror(errno));
  if (S_ISDIR(info.st_mode)) refuse_mapping(path, "is a directory");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return;
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.value(), 0);
  if (address == MAP_FAILED) refuse_mapping(path, std::string("cannot be mapped: ") + std::strerror(errno));
  data_ = static_cast<const std::byte*>(address);
  size_ = size;
}

MappedFile::MappedFile(const std::filesystem::path& path, std::size_t size, std::string_view shape) : MappedFile(path) {
  if (size_ == size) return;
  std::string expected = "expected " + std::to_string(size) + " bytes";
  if (!shape.empty()) expected.append(" (").append(shape).append(")");
  refuse_mapping(path, expected + ", got " + std::to_string(size_));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

ScratchFloats::ScratchFloats(std::size_t count, const std::filesystem::path& folder, std::size_t in_memory)
    : count_(count) {
  const std::size_t size = array_bytes(count, sizeof(float));
  if (size <= in_memory) {
    memory_.resize(count);
    return;
  }
  const Descriptor file = open_unnamed_file(folder);
  const int problem = ::posix_fallocate(file.value(), 0, static_cast<off_t>(size));
  void* address = MAP_FAILED;
  if (problem == 0) address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.value(), 0);
  if (address == MAP_FAILED) {
    throw output_error(folder.string(), "a temporary file of " + std::to_string(size) +
                                            " bytes cannot be made: " + std::strerror(problem != 0 ? problem : errno));
  }
  mapped_ = static_cast<float*>(address);
}

ScratchFloats::ScratchFloats(ScratchFloats&& other) noexcept
    : memory_(std::move(other.memory_)),
      mapped_(std::exchange(other.mapped_, nullptr)),
      count_(std::exchange(other.count_, 0)) {}

ScratchFloats& ScratchFloats::operator=(ScratchFloats&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(mapped_, other.mapped_);
  std::swap(count_, other.count_);
  return *this;
}

ScratchFloats::~ScratchFloats() {
  if (mapped_ != nullptr) ::munmap(mapped_, count_ * sizeof(float));
}

ScratchFloats scratch_copy(std::span<const float> values, const std::filesystem::path& folder) {
  ScratchFloats copy(values.size(), folder);
  std::ranges::copy(values, copy.values().begin());
  return copy;
}

}  // namespace persona4rec
