// Vectors on disk: headerless fp16 matrices (the published .mmap layout, numpy.memmap reads them) and .npy f32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "io/mapped_file.hpp"

namespace persona4rec {

using Half = std::uint16_t;               // IEEE binary16 bits
[[nodiscard]] Half to_half(float value);  // round to nearest even
// REQUIRES: as many in `out` as values.
void to_halves(std::span<const float> values, std::span<Half> out);
[[nodiscard]] float to_float(Half value);

// A read-only mapping of a [rows, dimensions] fp16 matrix, row-major. Thread-safety: const access from any thread.
class MappedHalfMatrix {
 public:
  MappedHalfMatrix() = default;
  // Throws Error kInput: missing, or its size is not rows * dimensions * 2.
  MappedHalfMatrix(const std::filesystem::path& path, std::size_t rows, std::size_t dimensions);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }
  [[nodiscard]] std::span<const Half> row(std::size_t i) const {
    return {reinterpret_cast<const Half*>(file_.bytes().data()) + i * dimensions_, dimensions_};
  }

 private:
  MappedFile file_;
  std::size_t rows_ = 0;
  std::size_t dimensions_ = 0;
};

// What stands before the values of a [rows, dimensions] '<f4' matrix in C order, NumPy format 1.0.
[[nodiscard]] std::string npy_header(std::size_t rows, std::size_t dimensions);
// npy_header and the values, into a file of an OutputFolder (OutputFile::in_folder).
void write_npy(const std::filesystem::path& path, std::span<const float> values, std::size_t rows,
               std::size_t dimensions);

}  // namespace persona4rec
