#include "rerank/mapped_array.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "persona4rec/error.hpp"

namespace persona4rec {

MappedBytes::MappedBytes(const std::filesystem::path& path, std::size_t expected) : size_(expected) {
  const Place place{.file = path.string()};
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw input_error(place, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat info = {};
  fstat(fd, &info);
  if (static_cast<std::size_t>(info.st_size) != expected) {
    close(fd);
    throw input_error(place, "expected " + std::to_string(expected) + " bytes, got " + std::to_string(info.st_size));
  }
  void* memory = expected == 0 ? nullptr : mmap(nullptr, expected, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) throw input_error(place, std::string("cannot be mapped: ") + std::strerror(errno));
  data_ = memory;
}

MappedBytes::~MappedBytes() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace persona4rec
