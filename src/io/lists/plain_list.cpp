#include "io/lists/plain_list.hpp"

#include <simdjson.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace persona4rec {
namespace {

constexpr std::size_t kMostDigits = 18;  // of an integer that surely fits 64 bits
constexpr int kMostDepth = 32;

constexpr std::size_t kRun = 32;  // bytes
using RunFlags = std::array<unsigned char, kRun>;

void note(char c, unsigned char& special, unsigned char& all) {
  const auto byte = static_cast<unsigned char>(c);
  special |= static_cast<unsigned char>((byte < 0x20) | (byte == '\\'));
  all |= byte;
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define P4R_WIDE __attribute__((target_clones("avx2", "default")))  // the widest vectors that the processor has
#else
#define P4R_WIDE
#endif

// No byte below 0x20, no backslash, no broken UTF-8. In whole runs of a fixed length, which compilers do at once.
P4R_WIDE bool is_plain(std::string_view text) {
  RunFlags special{};
  RunFlags all{};
  std::size_t at = 0;
  for (; at + kRun <= text.size(); at += kRun) {
    for (std::size_t i = 0; i < kRun; ++i) note(text[at + i], special[i], all[i]);
  }
  for (; at < text.size(); ++at) note(text[at], special[0], all[0]);
  unsigned char any_special = 0;
  unsigned char bits = 0;
  for (std::size_t i = 0; i < kRun; ++i) {
    any_special |= special[i];
    bits |= all[i];
  }
  return any_special == 0 && (bits < 0x80 || simdjson::validate_utf8(text.data(), text.size()));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Compared without a call.
template <std::size_t kSize>
bool is(std::string_view text, const char (&literal)[kSize]) {
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the size was compared
  return text.size() == kSize - 1 && std::memcmp(text.data(), literal, kSize - 1) == 0;
}

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t kHighBits = kEachByte << 7U;

// The bytes in their order, the first one lowest.
std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, kWord);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// Of a mask with the high bits of some bytes: how many bytes stand before the first one of them.
std::size_t bytes_before(std::uint64_t mask) {
  return static_cast<std::size_t>(std::countr_zero(mask)) / 8;
}

// High bits of the bytes that are no digits.
std::uint64_t non_digits(std::uint64_t word) {
  word ^= kEachByte * '0';
  return (((word & ~kHighBits) + kEachByte * (0x80 - 10)) | word) & kHighBits;
}

// High bits of the quotes, and perhaps of bytes behind the first one.
std::uint64_t quotes(std::uint64_t word) {
  word ^= kEachByte * '"';
  return (word - kEachByte) & ~word & kHighBits;
}

// Where a quote is; `end` where there is none.
const char* find_quote(const char* at, const char* end) {
  for (; static_cast<std::size_t>(end - at) >= kWord; at += kWord) {
    if (const auto found = quotes(word_at(at)); found != 0) return at + bytes_before(found);
  }
  while (at != end && *at != '"') ++at;
  return at;
}

const char* find_non_digit(const char* at, const char* end) {
  for (; static_cast<std::size_t>(end - at) >= kWord; at += kWord) {
    if (const auto found = non_digits(word_at(at)); found != 0) return at + bytes_before(found);
  }
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// Reads JSON of a plain text from the left. Each function takes what it names, blanks in front of it too, or returns
// false with the place anywhere.
class PlainScanner {
 public:
  explicit PlainScanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

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
  [[nodiscard]] bool at_end() {
    skip_blanks();
    return at_ == end_;
  }

  bool string(std::string_view& out) { return take('"') && rest_of_string(out); }
  // Behind its first quote.
  bool rest_of_string(std::string_view& out) {
    const char* quote = find_quote(at_, end_);
    if (quote == end_) return false;
    out = {at_, static_cast<std::size_t>(quote - at_)};
    at_ = quote + 1;
    return true;
  }

  // These bytes and no others; else nothing is taken.
  template <std::size_t kSize>
  bool literal(const char (&text)[kSize]) {
    if (static_cast<std::size_t>(end_ - at_) < kSize - 1 || std::memcmp(at_, text, kSize - 1) != 0) return false;
    at_ += kSize - 1;
    return true;
  }
  [[nodiscard]] const char* place() const { return at_; }
  void go_back(const char* place) { at_ = place; }

  // A key and its colon.
  bool key(std::string_view& out) { return string(out) && take(':'); }

  // A number that a double and, without point and exponent, an int64 surely holds.
  bool number(std::string_view& out, bool& is_integer) {
    skip_blanks();
    const char* begin = at_;
    if (at_ != end_ && *at_ == '-') ++at_;
    const char* digits = at_;
    skip_digits();
    const auto count = static_cast<std::size_t>(at_ - digits);
    if (count == 0 || count > kMostDigits || (count > 1 && *digits == '0')) return false;
    is_integer = true;
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      is_integer = false;
      if (!take_digits(2 * kMostDigits)) return false;
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

  bool word(std::string_view text) {
    skip_blanks();
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  // Any value.
  bool value(int depth = 0) {
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
  void skip_digits() { at_ = find_non_digit(at_, end_); }
  bool take_digits(std::size_t most) {
    const char* begin = at_;
    skip_digits();
    const auto count = static_cast<std::size_t>(at_ - begin);
    return count > 0 && count <= most;
  }

  const char* at_;
  const char* end_;
};

// A row on its way into a list. A key given twice is not plain: the first one counts.
class PlainRow {
 public:
  PlainRow(std::string_view text, const PlainListOptions& options, PlainList& list)
      : scanner_(text), options_(options), list_(list) {}

  bool scan() {
    const auto take_member = [this](std::string_view key) { return member(key); };
    return scanner_.members(take_member) && scanner_.at_end() && (seen_ & kNeeded) == kNeeded;
  }

 private:
  enum Field : unsigned { kUser = 1, kResults = 2, kTopk = 4, kScope = 8, kNeeded = kUser | kResults };
  enum ItemField : unsigned { kItem = 1, kScore = 2, kBaseRank = 4, kPersona = 8 };

  static bool is_new(unsigned& seen, unsigned field) {
    const bool fresh = (seen & field) == 0;
    seen |= field;
    return fresh;
  }

  bool member(std::string_view key) {
    if (is(key, "user_id")) return is_new(seen_, kUser) && id(list_.user, list_.user_is_integer) && !list_.user.empty();
    if (is(key, "results")) {
      return is_new(seen_, kResults) && scanner_.elements([this] { return item(); });
    }
    std::string_view ignored;
    bool is_integer = false;
    if (is(key, "topk")) return is_new(seen_, kTopk) && (scanner_.word("null") || scanner_.number(ignored, is_integer));
    if (is(key, "filter_scope")) return is_new(seen_, kScope) && (scanner_.word("null") || scanner_.string(ignored));
    return scanner_.value();
  }

  bool item() {
    PlainItem& item = list_.items.emplace_back();
    if (usual_item(item)) return true;
    item = {};
    unsigned seen = 0;
    if (!scanner_.members([&](std::string_view key) { return item_member(key, item, seen); })) return false;
    if (item.id.empty()) list_.items.pop_back();  // the published files' empty ids
    return true;
  }

  // As most files have every item, byte for byte; else nothing is taken.
  bool usual_item(PlainItem& item) {
    scanner_.skip_blanks();
    const char* begin = scanner_.place();
    if ((scanner_.literal(R"({"item_id": ")") || scanner_.literal(R"({"item_id":")")) &&
        scanner_.rest_of_string(item.id) && !item.id.empty() &&
        (scanner_.literal(R"(, "score": )") || scanner_.literal(R"(,"score":)")) && score(item) &&
        scanner_.literal("}")) {
      return true;
    }
    scanner_.go_back(begin);
    return false;
  }

  bool item_member(std::string_view key, PlainItem& item, unsigned& seen) {
    if (is(key, "item_id")) return is_new(seen, kItem) && id(item.id, item.id_is_integer);
    if (is(key, "score")) return is_new(seen, kScore) && (scanner_.word("null") || score(item));
    if (!options_.base_ranks) return scanner_.value();
    if (is(key, "base_rank")) return is_new(seen, kBaseRank) && base_rank(item);
    if (is(key, "persona_id")) {
      item.has_persona = !scanner_.next_is('n');
      return is_new(seen, kPersona) && scanner_.value();
    }
    return scanner_.value();
  }

  // As text, which a whole number is where it is written as we write it.
  bool id(std::string_view& out, bool& is_integer) {
    is_integer = false;
    if (scanner_.next_is('"')) return scanner_.string(out);
    return scanner_.number(out, is_integer) && is_integer && out.front() != '-';
  }

  bool score(PlainItem& item) {
    std::string_view text;
    bool is_integer = false;
    if (!scanner_.number(text, is_integer)) return false;
    if (!options_.scores) return true;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    item.score = value + (is_integer ? 0.0 : -0.0);  // the integer -0 is 0
    return error == std::errc() && end == text.data() + text.size();
  }

  bool base_rank(PlainItem& item) {
    if (scanner_.word("null")) return true;
    std::string_view text;
    bool is_integer = false;
    if (!scanner_.number(text, is_integer) || !is_integer || text.front() == '-') return false;
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    item.base_rank = value;
    return true;
  }

  PlainScanner scanner_;
  const PlainListOptions& options_;
  PlainList& list_;
  unsigned seen_ = 0;
};

}  // namespace

bool scan_plain_list(std::string_view line, const PlainListOptions& options, PlainList& list) {
  list.items.clear();
  return is_plain(line) && PlainRow(line, options, list).scan();
}

bool scan_plain_pair(std::string_view line, PlainPair& pair) {
  if (!is_plain(line)) return false;
  PlainScanner scanner(line);
  unsigned seen = 0;
  const auto take_member = [&](std::string_view key) {
    const unsigned field = is(key, "user_id") ? 1 : is(key, "item_id") ? 2 : 0;
    if (field == 0 || (seen & field) != 0) return false;
    seen |= field;
    return scanner.string(field == 1 ? pair.user : pair.item);
  };
  return scanner.members(take_member) && scanner.at_end() && !pair.user.empty() && !pair.item.empty() && seen == 3;
}

void view_list(const CandidateRow& row, PlainList& list) {
  list.user = row.user_id.text();
  list.user_is_integer = row.user_id.is_integer();
  list.items.clear();
  for (const auto& candidate : row.results) {
    list.items.push_back({.id = candidate.item_id.text(),
                          .id_is_integer = candidate.item_id.is_integer(),
                          .has_persona = candidate.has_persona,
                          .score = candidate.score,
                          .base_rank = candidate.base_rank});
  }
}

}  // namespace persona4rec
