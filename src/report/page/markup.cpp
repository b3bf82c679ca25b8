#include "report/page/markup.hpp"

#include <array>
#include <cstdio>

#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool turns_direction(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

// What HTML does not take, and U+FEFF, which nobody sees.
bool is_unprintable(char32_t code) {
  const bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code <= 0x9F);
  const bool no_character = (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFEU) == 0xFFFEU;
  return control || no_character || code == 0xFEFF;
}

std::string code_text(char32_t code) {
  std::array<char, 16> text{};
  const int length = std::snprintf(text.data(), text.size(), "[U+%04X]", static_cast<unsigned>(code));
  return {text.data(), static_cast<std::size_t>(length)};
}

void append_escaped(std::string& out, char32_t code) {
  switch (code) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\'':
      out += "&#39;";
      return;
    default:
      break;
  }
  if (turns_direction(code)) {
    out += code_text(code);
  } else {
    append_utf8(out, is_unprintable(code) ? kReplacement : code);
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  const std::string valid = find_bad_utf8(text) ? valid_utf8(text) : std::string(text);
  std::string out;
  out.reserve(valid.size() + valid.size() / 16);
  for (std::size_t at = 0; at < valid.size();) append_escaped(out, next_code_point(valid, at));
  return out;
}

void Markup::begin(std::string_view tag, Attributes attributes) {
  out_ += '<';
  out_ += tag;
  for (const auto& [name, value] : attributes) {
    if (value.empty()) continue;
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    out_ += escape_html(value);
    out_ += '"';
  }
}

void Markup::open(std::string_view tag, Attributes attributes) {
  begin(tag, attributes);
  out_ += '>';
  open_.emplace_back(tag);
}

void Markup::close() {
  if (open_.empty()) throw internal_error("report: an element is closed that was not opened");
  out_ += "</" + open_.back() + ">";
  open_.pop_back();
}

void Markup::text(std::string_view text) {
  out_ += escape_html(text);
}

void Markup::leaf(std::string_view tag, std::string_view text, Attributes attributes) {
  open(tag, attributes);
  this->text(text);
  close();
}

void Markup::shape(std::string_view tag, Attributes attributes) {
  begin(tag, attributes);
  out_ += "/>";
}

void Markup::trusted(std::string_view markup) {
  out_ += markup;
}

std::string Markup::take() {
  if (!open_.empty()) throw internal_error("report: an element is left open");
  return std::exchange(out_, {});
}

}  // namespace persona4rec
