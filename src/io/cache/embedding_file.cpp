#include "io/cache/embedding_file.hpp"

#include <bit>

#include "io/output_file.hpp"

namespace persona4rec {

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define P4R_F16C __attribute__((target_clones("arch=haswell", "default")))  // by the processor where it can
#else
#define P4R_F16C
#endif

// _Float16 converts by IEEE round to nearest even.
P4R_F16C void to_halves(std::span<const float> values, std::span<Half> out) {
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = std::bit_cast<Half>(static_cast<_Float16>(values[i]));
}

#undef P4R_F16C

Half to_half(float value) {
  Half half = 0;
  to_halves({&value, 1}, {&half, 1});
  return half;
}
float to_float(Half value) {
  return static_cast<float>(std::bit_cast<_Float16>(value));
}

MappedHalfMatrix::MappedHalfMatrix(const std::filesystem::path& path, std::size_t rows, std::size_t dimensions)
    : file_(path, array_bytes(array_bytes(rows, dimensions), sizeof(Half)),
            std::to_string(rows) + " x " + std::to_string(dimensions) + " fp16"),
      rows_(rows),
      dimensions_(dimensions) {}

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
