// 32 bytes of text looked at together: what a reader asks of each of them, as a bit for each, the first byte's lowest.
// Vectors where every processor of the kind has them, words elsewhere; the bits are the same. Thread-safe.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace persona4rec {

inline constexpr std::size_t kRunBytes = 32;

// REQUIRES of the constructors here: kRunBytes bytes at `at`.
class WordRun {
 public:
  explicit WordRun(const char* at) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] = word_at(at + i * sizeof(std::uint64_t));
  }

  [[nodiscard]] std::uint32_t equal(char c) const {
    const std::uint64_t wanted = kEachByte * static_cast<unsigned char>(c);
    return bits([&](std::uint64_t word) { return ~nonzero(word ^ wanted); });
  }
  // Neither backslash nor control character nor part of a longer character: what ends no plain text.
  [[nodiscard]] std::uint32_t unusual() const {
    return bits([](std::uint64_t word) {
      return word | ~nonzero(word ^ kEachByte * '\\') | ~((word & ~kHighBits) + kEachByte * (0x80 - 0x20));
    });
  }
  [[nodiscard]] std::uint32_t non_digits() const {
    return bits([](std::uint64_t word) {
      const std::uint64_t digit = word ^ kEachByte * '0';
      return ((digit & ~kHighBits) + kEachByte * (0x80 - 10)) | digit;
    });
  }

 private:
  static constexpr std::uint64_t kEachByte = 0x0101010101010101;
  static constexpr std::uint64_t kHighBits = kEachByte << 7U;

  // The bytes in their order, the first one lowest.
  static std::uint64_t word_at(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
  }
  // High bits of the bytes that are not 0.
  static std::uint64_t nonzero(std::uint64_t word) { return ((word & ~kHighBits) + ~kHighBits) | word; }

  // `flags` sets the high bits of bytes.
  template <class Flags>
  [[nodiscard]] std::uint32_t bits(const Flags& flags) const {
    constexpr std::uint64_t kGather = 0x0102040810204080;  // bits 0, 8, .. 56 into the highest byte
    std::uint32_t all = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::uint64_t high = (flags(words_[i]) & kHighBits) >> 7U;
      all |= static_cast<std::uint32_t>((high * kGather) >> 56U) << 8U * i;
    }
    return all;
  }

  std::array<std::uint64_t, kRunBytes / sizeof(std::uint64_t)> words_;
};

#if defined(__SSE2__)
class VectorRun {
 public:
  explicit VectorRun(const char* at)
      : low_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))),
        high_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + sizeof(__m128i)))) {}

  [[nodiscard]] std::uint32_t equal(char c) const {
    return bits([c](__m128i bytes) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); });
  }
  [[nodiscard]] std::uint32_t unusual() const {  // bytes from 0x80 on are below 0
    return bits([](__m128i bytes) {
      return _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    });
  }
  [[nodiscard]] std::uint32_t non_digits() const {  // '0' to '9' are the ten lowest values
    return bits([](__m128i bytes) {
      const __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(0x80 - '0')));
      return _mm_cmpgt_epi8(moved, _mm_set1_epi8(static_cast<char>(0x80 + 9)));
    });
  }

 private:
  template <class Flags>
  [[nodiscard]] std::uint32_t bits(const Flags& flags) const {
    const auto low = static_cast<std::uint32_t>(_mm_movemask_epi8(flags(low_)));
    return low | static_cast<std::uint32_t>(_mm_movemask_epi8(flags(high_))) << sizeof(__m128i);
  }

  __m128i low_;
  __m128i high_;
};
using ByteRun = VectorRun;
#else
using ByteRun = WordRun;
#endif

}  // namespace persona4rec
