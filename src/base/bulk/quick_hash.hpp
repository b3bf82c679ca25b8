// A hash for tables in memory, and the comparison beside it: quick, the hash the same within a run, no promise beyond
// it. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace persona4rec {
namespace quick_hash_parts {

template <std::size_t kBytes>
std::uint64_t load(const char* from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, kBytes);
  return value;
}

__extension__ using Wide = unsigned __int128;

// Both halves of the product.
inline std::uint64_t multiply_and_fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace quick_hash_parts

[[nodiscard]] inline std::uint64_t quick_hash(std::string_view text) {
  using namespace quick_hash_parts;
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  constexpr std::uint64_t kOther = 0xD1B54A32D192ED03;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t hash = text.size() * kOdd;
  const char* at = text.data();
  std::size_t n = text.size();
  for (; n > 2 * kWord; at += 2 * kWord, n -= 2 * kWord) {
    hash = multiply_and_fold(load<kWord>(at) ^ hash, load<kWord>(at + kWord) ^ kOther);
  }
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  if (n >= kWord) {  // what both hold is in both
    begin = load<kWord>(at);
    end = load<kWord>(at + n - kWord);
  } else if (n >= kWord / 2) {
    begin = load<kWord / 2>(at);
    end = load<kWord / 2>(at + n - kWord / 2);
  } else if (n > 0) {
    begin = load<1>(at) << 8U | load<1>(at + n / 2);
    end = load<1>(at + n - 1);
  }
  return multiply_and_fold(begin ^ hash ^ kOther, end ^ kOdd);
}

// The same bytes? For terms of a few bytes, which a call would cost more than the look.
[[nodiscard]] inline bool quick_equal(std::string_view a, std::string_view b) {
  using namespace quick_hash_parts;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  if (n > 2 * kWord) return a == b;
  const char* of_a = a.data();
  const char* of_b = b.data();
  const auto same_ends = [&]<std::size_t kBytes>() {
    return ((load<kBytes>(of_a) ^ load<kBytes>(of_b)) |
            (load<kBytes>(of_a + n - kBytes) ^ load<kBytes>(of_b + n - kBytes))) == 0;
  };
  if (n >= kWord) return same_ends.template operator()<kWord>();
  if (n >= kWord / 2) return same_ends.template operator()<kWord / 2>();
  if (n >= 2) return same_ends.template operator()<2>();
  return n == 0 || a[0] == b[0];
}

}  // namespace persona4rec
