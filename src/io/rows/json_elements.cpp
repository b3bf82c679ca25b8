#include "io/rows/json_elements.hpp"

#include <algorithm>

#include "base/stop.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kJsonBlanks = " \t\r\n";
constexpr std::string_view kScalarEnds = ",]} \t\r\n";

// Passes over JSON text in pieces: knows when strings and brackets that were opened are closed.
class BracketCounter {
 public:
  // The number of bytes of `text` up to the end of the value, that included; all of them when it goes on behind.
  std::size_t take(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (in_string_) {
        in_string(text[i]);
      } else if (text[i] == '"') {
        in_string_ = true;
      } else if (text[i] == '{' || text[i] == '[') {
        ++depth_;
      } else if (text[i] == '}' || text[i] == ']') {
        --depth_;
      }
      if (depth_ == 0 && !in_string_) {
        done_ = true;
        return i + 1;
      }
    }
    return text.size();
  }
  [[nodiscard]] bool done() const { return done_; }

 private:
  void in_string(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
  }

  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool done_ = false;
};

}  // namespace

void JsonElements::fail(std::string_view expected, std::string_view got) const {
  throw input_error({.file = source_.name(), .line = here()},
                    "expected " + std::string(expected) + ", got " + std::string(got));
}

char JsonElements::peek(std::string_view expected) {
  for (;;) {
    const auto rest = source_.rest();
    if (rest.empty()) {
      throw input_error({.file = source_.name(), .line = opened_line_},
                        "expected " + std::string(expected) +
                            ", got the end of the file: what is opened here is not "
                            "closed");
    }
    const auto found = std::min(rest.find_first_not_of(kJsonBlanks), rest.size());
    const char c = found < rest.size() ? rest[found] : '\0';
    source_.skip(found);
    if (found < rest.size()) return c;
  }
}

void JsonElements::open() {
  opened_line_ = 1;
  end_ = peek("a JSON array or object") == '[' ? ']' : '}';
  opened_line_ = here();
  source_.skip(1);
}

// Behind the last element; nothing but white space may follow.
bool JsonElements::close() {
  source_.skip(1);
  closed_ = true;
  for (auto rest = source_.rest(); !rest.empty(); rest = source_.rest()) {
    const auto found = rest.find_first_not_of(kJsonBlanks);
    source_.skip(std::min(found, rest.size()));
    if (found != std::string_view::npos) fail("the end of the file behind the JSON array or object", "more text");
  }
  return false;
}

bool JsonElements::next() {
  throw_if_stopped();
  if (closed_) return false;
  if (end_ == '\0') open();
  const bool first = elements_ == 0;
  const std::string expected = std::string("an element or \"") + end_ + '"';
  char c = peek(expected);
  if (c == end_) return close();
  if (!first) {
    if (c != ',') fail(std::string("\",\" or \"") + end_ + "\" behind an element", std::string("\"") + c + '"');
    source_.skip(1);
    c = peek("an element");
  }
  element_line_ = here();
  if (end_ == '}') {
    if (c != '"') fail("a key in quotes", std::string("\"") + c + '"');
    take_value(key_);
    if (c = peek("\":\" behind a key"); c != ':') fail("\":\" behind a key", std::string("\"") + c + '"');
    source_.skip(1);
  }
  (void)peek("a value");
  take_value(text_);
  ++elements_;
  return true;
}

void JsonElements::take_value(std::string& into) {
  into.clear();
  const char start = peek("a value");
  if (kScalarEnds.find(start) != std::string_view::npos || start == ':')
    fail("a value", std::string("\"") + start + '"');
  const bool scalar = std::string_view("{[\"").find(start) == std::string_view::npos;
  const auto begin = here();
  BracketCounter counter;
  for (;;) {
    const auto rest = source_.rest();
    if (rest.empty()) {
      throw input_error({.file = source_.name(), .line = begin}, "this element is not closed: the file ends before");
    }
    const auto size = scalar ? std::min(rest.find_first_of(kScalarEnds), rest.size()) : counter.take(rest);
    const bool done = scalar ? size < rest.size() : counter.done();
    into.append(rest.substr(0, size));
    source_.skip(size);
    if (done) return;
    if (into.size() > kMaxLineBytes)
      throw input_error({.file = source_.name(), .line = begin},
                        "expected an element of at most 64 MiB, got a longer one");
  }
}

}  // namespace persona4rec
