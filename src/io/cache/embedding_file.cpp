#include "io/cache/embedding_file.hpp"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "io/output_file.hpp"

namespace persona4rec {

namespace {

// _Float16 converts by IEEE round to nearest even.
Half round_to_half(float value) {
  return std::bit_cast<Half>(static_cast<_Float16>(value));
}

// Both convert as many as their vectors hold, and return how many those are.
std::size_t convert_none(const float* /*from*/, std::size_t /*n*/, Half* /*to*/) {
  return 0;
}

#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) std::size_t convert_by_f16c(const float* from, std::size_t n, Half* to) {
  constexpr std::size_t kAtOnce = 8;
  const std::size_t whole = n - n % kAtOnce;
  for (std::size_t i = 0; i < whole; i += kAtOnce) {
    const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), halves);
  }
  return whole;
}
#endif

using ConvertFn = std::size_t (*)(const float* from, std::size_t n, Half* to);

ConvertFn find_conversion() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("f16c")) return convert_by_f16c;
#endif
  return convert_none;
}

}  // namespace

void to_halves(std::span<const float> values, std::span<Half> out) {
  static const ConvertFn kConvert = find_conversion();
  const std::size_t done = kConvert(values.data(), values.size(), out.data());
  for (std::size_t i = done; i < values.size(); ++i) out[i] = round_to_half(values[i]);
}

Half to_half(float value) {
  return round_to_half(value);
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
  auto file = OutputFile::in_folder(path);
  file.write(npy_header(rows, dimensions));
  file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  file.commit();
}

}  // namespace persona4rec
