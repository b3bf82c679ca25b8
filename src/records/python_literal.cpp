#include "records/python_literal.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

class LiteralParser {
 public:
  explicit LiteralParser(std::string_view text) : text_(text) {}

  std::optional<Json> parse_all() {
    auto value = parse(0);
    skip_space();
    return value && at_ == text_.size() ? value : std::nullopt;
  }

 private:
  static constexpr int kMaxDepth = 32;  // real attributes are two deep; a hostile file must not end the stack

  std::optional<Json> parse(int depth) {
    skip_space();
    if (at_ >= text_.size() || depth > kMaxDepth) return std::nullopt;
    const char c = text_[at_];
    if (c == '{') return parse_dict(depth);
    if (c == '[' || c == '(') return parse_list(depth, c == '[' ? ']' : ')');
    if ((c == 'u' || c == 'b') && at_ + 1 < text_.size() && (text_[at_ + 1] == '\'' || text_[at_ + 1] == '"')) ++at_;
    if (text_[at_] == '\'' || text_[at_] == '"') return parse_string();
    return parse_word();
  }

  std::optional<Json> parse_dict(int depth) {
    Json out = Json::object();
    for (++at_; !accept('}');) {
      const auto key = parse(depth + 1);
      if (!key || !accept(':')) return std::nullopt;
      auto value = parse(depth + 1);
      if (!value) return std::nullopt;
      out[key->is_string() ? key->get<std::string>() : key->dump()] = *std::move(value);
      if (!accept(',') && !ahead('}')) return std::nullopt;
    }
    return out;
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

  std::optional<Json> parse_string() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_++];
    }
    if (at_ >= text_.size()) return std::nullopt;
    ++at_;
    return Json(std::move(out));
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
    if (const auto r = std::from_chars(word.data(), word.data() + word.size(), number);
        r.ec == std::errc{} && r.ptr == word.data() + word.size()) {
      return Json(number);
    }
    return std::nullopt;
  }

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

Json parse_python_literal(std::string_view text) {
  if (auto value = LiteralParser(text).parse_all()) return *std::move(value);
  return std::string(text);
}

}  // namespace persona4rec
