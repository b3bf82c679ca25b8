// Reads the JSON of a plain text from the left: strings without escapes and control characters, blanks that are spaces,
// numbers that a double surely holds. Every byte that is passed over is checked.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bulk/byte_run.hpp"

namespace persona4rec {

// Compared without a call. REQUIRES: as many bytes at `at`.
template <std::size_t kSize>
bool begins_with(const char* at, const char (&text)[kSize]) {
  constexpr std::size_t kBytes = kSize - 1;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if constexpr (kBytes > kWord && kBytes <= 2 * kWord) {
    return std::memcmp(at, text, kWord) == 0 && std::memcmp(at + kBytes - kWord, text + kBytes - kWord, kWord) == 0;
  } else if constexpr (kBytes > kWord / 2 && kBytes <= kWord) {
    constexpr std::size_t kHalf = kWord / 2;
    return std::memcmp(at, text, kHalf) == 0 && std::memcmp(at + kBytes - kHalf, text + kBytes - kHalf, kHalf) == 0;
  } else {
    return std::memcmp(at, text, kBytes) == 0;
  }
}

// Each function takes what it names, blanks in front of it too, or returns false with the place anywhere.
// Thread-safety: one object, one thread.
class PlainScanner {
 public:
  // `text` may go on behind what is read.
  explicit PlainScanner(std::string_view text) : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  void skip_blanks() {
    while (at_ != end_ && *at_ == ' ') ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  // Does not take it.
  [[nodiscard]] bool next_is(char c) {
    skip_blanks();
    return at_ != end_ && *at_ == c;
  }
  // The end of the line or of the text.
  bool line_end() {
    skip_blanks();
    if (at_ != end_ && *at_ == '\r') ++at_;
    if (at_ == end_) return true;
    return *at_++ == '\n';
  }

  bool string(std::string_view& out) { return take('"') && rest_of_string(out); }
  // Behind its first quote.
  bool rest_of_string(std::string_view& out) { return short_string(out) || long_string(out); }

  // These bytes and no others; else nothing is taken.
  template <std::size_t kSize>
  bool literal(const char (&text)[kSize]) {
    if (left() < kSize - 1 || !begins_with(at_, text)) return false;
    at_ += kSize - 1;
    return true;
  }
  // All that was taken.
  [[nodiscard]] std::string_view passed() const { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }
  [[nodiscard]] const char* place() const { return at_; }
  void go_back(const char* place) { at_ = place; }
  // Whether a string held characters of more than one byte, which nobody has looked at.
  [[nodiscard]] bool saw_long_characters() const { return saw_long_characters_; }

  // A key and its colon.
  bool key(std::string_view& out) { return string(out) && take(':'); }

  // A number with a point, without sign and exponent, as most scores are, and this character behind it; else nothing is
  // taken.
  bool usual_number(std::string_view& out, char behind) {
    if (left() <= kRunBytes) return false;
    std::uint32_t others = ByteRun(at_).non_digits();
    const auto whole = static_cast<std::size_t>(std::countr_zero(others));
    others &= others - 1;
    if (others == 0 || whole - 1 >= kMostDigits || at_[whole] != '.' || (whole > 1 && *at_ == '0')) return false;
    const auto all = static_cast<std::size_t>(std::countr_zero(others));
    if (all == whole + 1 || at_[all] != behind) return false;
    out = {at_, all};
    at_ += all + 1;
    return true;
  }

  // A number that a double and, without point and exponent, an int64 surely holds, of less than kRunBytes.
  bool number(std::string_view& out, bool& is_integer);

  template <std::size_t kSize>
  bool word(const char (&text)[kSize]) {
    skip_blanks();
    return literal(text);
  }

  // Any value.
  bool value(int depth = 0);

  // An object: take_value(key) takes each value.
  template <class TakeValue>
  bool members(const TakeValue& take_value) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view name;
      if (!key(name) || !take_value(name)) return false;
    } while (take(','));
    return take('}');
  }

  template <class TakeElement>
  bool elements(const TakeElement& take_element) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!take_element()) return false;
    } while (take(','));
    return take(']');
  }

 private:
  static constexpr std::size_t kMostDigits = 18;  // of an integer that surely fits 64 bits
  static constexpr int kMostDepth = 32;

  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  // Of less than kRunBytes, without unusual characters; else nothing is taken.
  bool short_string(std::string_view& out) {
    if (left() < kRunBytes) return false;
    const ByteRun run(at_);
    const std::uint32_t quotes = run.equal('"');
    if (quotes == 0 || (run.unusual() & (quotes - 1) & ~quotes) != 0) return false;
    out = {at_, static_cast<std::size_t>(std::countr_zero(quotes))};
    at_ += out.size() + 1;
    return true;
  }
  bool long_string(std::string_view& out);
  template <class Ask>
  [[nodiscard]] auto look(const Ask& ask) const;
  bool are_long_characters(std::uint32_t marked);
  bool take_digits(std::size_t most);
  [[nodiscard]] std::uint32_t non_digits() const;

  const char* begin_;
  const char* at_;
  const char* end_;
  bool saw_long_characters_ = false;
};

}  // namespace persona4rec
