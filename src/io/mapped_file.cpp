#include "io/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

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

}  // namespace persona4rec
