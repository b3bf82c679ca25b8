#include "records/python_literal.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "base/utf8.hpp"
#include "records/json_object.hpp"

namespace persona4rec {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The inside of a string literal, with its escapes decoded.
class StringDecoder {
 public:
  // `unicode`: a u'..' literal, whose \xe9 is a code point; else \x escapes that are UTF-8 together are bytes.
  explicit StringDecoder(bool unicode) : unicode_(unicode) {}

  // Takes what stands behind a backslash; returns how many bytes of it belong to the escape.
  std::size_t escape(std::string_view behind) {
    switch (behind.front()) {
      case 'x':
        return hex(behind, 2);
      case 'u':
        return hex(behind, 4);
      case 'U':
        return hex(behind, 8);
      case '\n':
        return 1;  // a line that goes on
      default:
        break;
    }
    if (is_octal(behind.front())) return octal(behind);
    constexpr std::string_view kLetters = "abfnrtv";
    constexpr std::string_view kMeant = "\a\b\f\n\r\t\v";
    const auto known = kLetters.find(behind.front());
    if (known == std::string_view::npos && std::string_view("\\'\"").find(behind.front()) == std::string_view::npos) {
      plain('\\');  // Python keeps an unknown escape as it stands
      return 0;
    }
    plain(known == std::string_view::npos ? behind.front() : kMeant[known]);
    return 1;
  }

  void plain(char byte) {
    flush();
    out_ += byte;
  }

  std::string finish() {
    flush();
    return std::move(out_);
  }

 private:
  static bool is_octal(char c) { return c >= '0' && c <= '7'; }

  std::size_t hex(std::string_view behind, std::size_t digits) {
    std::uint32_t code = 0;
    const auto text = behind.substr(1, digits);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code, 16);
    if (text.size() < digits || error != std::errc() || end != text.data() + digits) {
      plain('\\');
      return 0;
    }
    take(code, digits == 2);
    return 1 + digits;
  }

  std::size_t octal(std::string_view behind) {
    std::uint32_t code = 0;
    std::size_t length = 0;
    for (; length < 3 && length < behind.size() && is_octal(behind[length]); ++length) {
      code = code * 8 + static_cast<std::uint32_t>(behind[length] - '0');
    }
    take(code, true);
    return length;
  }

  void take(std::uint32_t code, bool maybe_byte) {
    if (maybe_byte && !unicode_ && code >= 0x80 && code <= 0xFF) {
      if (high_ != 0) flush();
      bytes_ += static_cast<char>(code);
      return;
    }
    if (high_ != 0 && code >= 0xDC00 && code < 0xE000) {
      append_utf8(out_, static_cast<char32_t>(0x10000 + ((high_ - 0xD800U) << 10U) + (code - 0xDC00U)));
      high_ = 0;
      return;
    }
    flush();
    if (code >= 0xD800 && code < 0xDC00) {
      high_ = code;
    } else {
      const bool bad = code > 0x10FFFF || (code >= 0xDC00 && code < 0xE000);
      append_utf8(out_, bad ? kReplacement : static_cast<char32_t>(code));
    }
  }

  // Writes what waited for its other half: bytes, or a high surrogate.
  void flush() {
    if (high_ != 0) append_utf8(out_, kReplacement);
    high_ = 0;
    if (bytes_.empty()) return;
    if (find_bad_utf8(bytes_)) {
      for (const char byte : bytes_) append_utf8(out_, static_cast<unsigned char>(byte));
    } else {
      out_ += bytes_;
    }
    bytes_.clear();
  }

  bool unicode_;
  std::string out_;
  std::string bytes_;
  std::uint32_t high_ = 0;
};

class LiteralParser {
 public:
  explicit LiteralParser(std::string_view text) : text_(text) {}

  std::optional<Json> parse_all() {
    auto value = parse(0);
    skip_space();
    return value && at_ == text_.size() ? std::move(value) : std::nullopt;
  }

 private:
  static constexpr int kMaxDepth = 32;  // real rows are three deep; a hostile file must not end the stack

  std::optional<Json> parse(int depth) {
    skip_space();
    if (at_ >= text_.size() || depth > kMaxDepth) return std::nullopt;
    const char c = text_[at_];
    if (c == '{') return parse_dict(depth);
    if (c == '[' || c == '(') return parse_list(depth, c == '[' ? ']' : ')');
    const bool prefix = (c == 'u' || c == 'b') && at_ + 1 < text_.size() && is_quote(text_[at_ + 1]);
    if (prefix) ++at_;
    return is_quote(text_[at_]) ? parse_string(prefix && c == 'u') : parse_word();
  }

  std::optional<Json> parse_dict(int depth) {
    JsonObject out;
    for (++at_; !accept('}');) {
      const auto key = parse(depth + 1);
      if (!key || !accept(':')) return std::nullopt;
      auto value = parse(depth + 1);
      if (!value) return std::nullopt;
      out.set(key->is_string() ? key->get<std::string>() : key->dump(), *std::move(value));
      if (!accept(',') && !ahead('}')) return std::nullopt;
    }
    return out.take();
  }

  std::optional<Json> parse_list(int depth, char close) {
    Json out = Json::array();
    for (++at_; !accept(close);) {
      auto value = parse(depth + 1);
      if (!value) return std::nullopt;
      out.push_back(*std::move(value));
      if (!accept(',') && !ahead(close)) return std::nullopt;
    }
    return out;
  }

  std::optional<Json> parse_string(bool unicode) {
    const char quote = text_[at_++];
    StringDecoder decoder(unicode);
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        at_ += decoder.escape(text_.substr(at_));
      } else {
        decoder.plain(text_[at_++]);
      }
    }
    if (at_ >= text_.size()) return std::nullopt;
    ++at_;
    return Json(decoder.finish());
  }

  std::optional<Json> parse_word() {
    const auto end = text_.find_first_of(",]}): \t\n", at_);
    const auto word = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    at_ += word.size();
    if (word == "True") return Json(true);
    if (word == "False") return Json(false);
    if (word == "None") return Json(nullptr);
    std::int64_t whole = 0;
    if (const auto r = std::from_chars(word.data(), word.data() + word.size(), whole);
        r.ec == std::errc{} && r.ptr == word.data() + word.size()) {
      return Json(whole);
    }
    double number = 0;
    if (const auto r = std::from_chars(word.data(), word.data() + word.size(), number, std::chars_format::general);
        r.ec == std::errc{} && r.ptr == word.data() + word.size() && number - number == 0) {
      return Json(number);
    }
    return std::nullopt;
  }

  static bool is_quote(char c) { return c == '\'' || c == '"'; }

  void skip_space() {
    while (at_ < text_.size() && is_space(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool ahead(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool accept(char c) {
    if (!ahead(c)) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Json> read_python_literal(std::string_view text) {
  return LiteralParser(text).parse_all();
}

Json parse_python_literal(std::string_view text) {
  if (auto value = read_python_literal(text)) return *std::move(value);
  return std::string(text);
}

bool begins_python_dict(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('{')) return false;
  line = trim(line.substr(1));
  return line.starts_with('\'') || line.starts_with("u'") || line.starts_with("u\"");
}

}  // namespace persona4rec
