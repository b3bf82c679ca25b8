#include "io/embedding_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "io/output_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

// _Float16 converts by IEEE round to nearest even, in hardware where there is F16C.
Half to_half(float value) {
  return std::bit_cast<Half>(static_cast<_Float16>(value));
}
float to_float(Half value) {
  return static_cast<float>(std::bit_cast<_Float16>(value));
}

MappedHalfMatrix::MappedHalfMatrix(const std::filesystem::path& path, std::size_t rows, std::size_t dimensions)
    : rows_(rows), dimensions_(dimensions) {
  const Place place{.file = path.string()};
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw input_error(place, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat info = {};
  fstat(fd, &info);
  const std::size_t expected = rows * dimensions * sizeof(Half);
  if (static_cast<std::size_t>(info.st_size) != expected) {
    close(fd);
    throw input_error(place, "expected " + std::to_string(expected) + " bytes (" + std::to_string(rows) + " x " +
                                 std::to_string(dimensions) + " fp16), got " + std::to_string(info.st_size));
  }
  void* memory = expected == 0 ? nullptr : mmap(nullptr, expected, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) throw input_error(place, std::string("cannot be mapped: ") + std::strerror(errno));
  data_ = static_cast<const Half*>(memory);
}

MappedHalfMatrix::MappedHalfMatrix(MappedHalfMatrix&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      rows_(std::exchange(other.rows_, 0)),
      dimensions_(std::exchange(other.dimensions_, 0)) {}

MappedHalfMatrix& MappedHalfMatrix::operator=(MappedHalfMatrix&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(rows_, other.rows_);
  std::swap(dimensions_, other.dimensions_);
  return *this;
}

MappedHalfMatrix::~MappedHalfMatrix() {
  if (data_ != nullptr) munmap(const_cast<Half*>(data_), rows_ * dimensions_ * sizeof(Half));
}

void MappedHalfMatrix::prefetch(std::size_t i) const {
  const auto* bytes = reinterpret_cast<const char*>(data_ + i * dimensions_);
  for (std::size_t at = 0; at < dimensions_ * sizeof(Half); at += 64) __builtin_prefetch(bytes + at);
}

void write_half_matrix(const std::filesystem::path& path, std::span<const float> values) {
  OutputFile file(path);
  std::vector<Half> block;
  for (std::size_t begin = 0; begin < values.size(); begin += 65536) {
    const auto part = values.subspan(begin, std::min<std::size_t>(65536, values.size() - begin));
    block.resize(part.size());
    for (std::size_t i = 0; i < part.size(); ++i) block[i] = to_half(part[i]);
    file.write({reinterpret_cast<const char*>(block.data()), block.size() * sizeof(Half)});
  }
  file.commit();
}

std::string npy_header(std::size_t rows, std::size_t dimensions) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                       std::to_string(dimensions) + "), }";
  header.append(63 - (10 + header.size()) % 64, ' ');  // data begins at a multiple of 64
  header += '\n';
  std::string magic("\x93NUMPY\x01\x00", 8);
  magic += {static_cast<char>(header.size() % 256), static_cast<char>(header.size() / 256)};
  return magic + header;
}

void write_npy(const std::filesystem::path& path, std::span<const float> values, std::size_t rows,
               std::size_t dimensions) {
  OutputFile file(path);
  file.write(npy_header(rows, dimensions));
  file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  file.commit();
}

}  // namespace persona4rec
