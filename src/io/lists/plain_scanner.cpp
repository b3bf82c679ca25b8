#include "io/lists/plain_scanner.hpp"

#include <array>
#include <utility>

namespace persona4rec {

// What `ask` has of the next bytes. Behind the text there are spaces.
template <class Ask>
auto PlainScanner::look(const Ask& ask) const {
  if (left() >= kRunBytes) return ask(ByteRun(at_));
  std::array<char, kRunBytes> rest;
  rest.fill(' ');
  std::memcpy(rest.data(), at_, left());
  return ask(ByteRun(rest.data()));
}

bool PlainScanner::long_string(std::string_view& out) {
  const char* begin = at_;
  for (;;) {
    const auto [quotes, unusual] = look([](const ByteRun& run) { return std::pair(run.equal('"'), run.unusual()); });
    const std::uint32_t before = quotes ^ (quotes - 1);  // and the first quote; all where there is none
    if ((unusual & before) != 0 && !are_long_characters(before)) return false;
    if (quotes != 0) {
      at_ += std::countr_zero(quotes);
      out = {begin, static_cast<std::size_t>(at_ - begin)};
      ++at_;
      return true;
    }
    if (left() <= kRunBytes) return false;
    at_ += kRunBytes;
  }
}

// The next bytes, one for each bit, of which some are unusual: none for another reason.
bool PlainScanner::are_long_characters(std::uint32_t marked) {
  for (const char* at = at_; marked != 0 && at != end_; ++at, marked >>= 1U) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < ' ' || byte == '\\') return false;
    saw_long_characters_ |= byte >= 0x80;
  }
  return true;
}

bool PlainScanner::take_digits(std::size_t most) {
  const auto count = static_cast<std::size_t>(std::countr_zero(non_digits()));
  at_ += count;
  return count > 0 && count <= most;
}

std::uint32_t PlainScanner::non_digits() const {
  return look([](const ByteRun& run) { return run.non_digits(); });
}

bool PlainScanner::number(std::string_view& out, bool& is_integer) {
  skip_blanks();
  const char* begin = at_;
  if (at_ != end_ && *at_ == '-') ++at_;
  const char* digits = at_;
  std::uint32_t others = non_digits();
  const auto whole = static_cast<std::size_t>(std::countr_zero(others));
  if (whole == 0 || whole > kMostDigits || (whole > 1 && *digits == '0')) return false;
  at_ += whole;
  is_integer = true;
  if (at_ != end_ && *at_ == '.') {
    is_integer = false;
    others &= others - 1;
    const auto all = static_cast<std::size_t>(std::countr_zero(others));
    if (all == whole + 1 || all == kRunBytes) return false;
    at_ = digits + all;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    is_integer = false;
    if (at_ != end_ && (*at_ == '-' || *at_ == '+')) ++at_;
    if (!take_digits(2)) return false;
  }
  out = {begin, static_cast<std::size_t>(at_ - begin)};
  return true;
}

bool PlainScanner::value(int depth) {
  skip_blanks();
  if (at_ == end_ || depth > kMostDepth) return false;
  std::string_view ignored;
  bool is_integer = false;
  switch (*at_) {
    case '"':
      return string(ignored);
    case '{':
      return members([&](std::string_view) { return value(depth + 1); });
    case '[':
      return elements([&] { return value(depth + 1); });
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    default:
      return number(ignored, is_integer);
  }
}

}  // namespace persona4rec
