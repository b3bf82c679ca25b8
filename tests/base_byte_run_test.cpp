// 32 bytes at once: each bit is what the byte by itself says, by vectors and by words.
#include "base/bulk/byte_run.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace persona4rec {
namespace {

template <class Asked>
std::uint32_t bit_by_bit(const std::string& text, const Asked& asked) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < kRunBytes; ++i) bits |= asked(static_cast<unsigned char>(text[i])) ? 1U << i : 0U;
  return bits;
}

template <class Run>
void expect_bits(const std::string& text) {
  const Run run(text.data());
  for (const char c : {'"', '\\', '\0', '\x80', '\xFF', text[5]}) {
    EXPECT_EQ(run.equal(c),
              bit_by_bit(text, [&](unsigned char byte) { return byte == static_cast<unsigned char>(c); }));
  }
  EXPECT_EQ(run.unusual(),
            bit_by_bit(text, [](unsigned char byte) { return byte < 32 || byte == '\\' || byte >= 128; }));
  EXPECT_EQ(run.non_digits(), bit_by_bit(text, [](unsigned char byte) { return byte < '0' || byte > '9'; }));
}

TEST(ByteRun, HasABitForEachByteOfEachValue) {
  std::mt19937 random(1);
  for (unsigned value = 0; value < 256; ++value) {
    for (std::size_t at = 0; at < kRunBytes; ++at) {
      std::string text(kRunBytes, at % 2 == 0 ? 'a' : '5');
      text[at] = static_cast<char>(value);
      expect_bits<ByteRun>(text);
      expect_bits<WordRun>(text);
    }
    std::string text;
    for (std::size_t i = 0; i < kRunBytes; ++i) text += static_cast<char>(random() % 256);
    expect_bits<ByteRun>(text);
    expect_bits<WordRun>(text);
  }
}

}  // namespace
}  // namespace persona4rec
