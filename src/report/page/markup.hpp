// HTML and SVG as text: tags that are always closed, texts that are always escaped.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona4rec {

// The text for an element's content or a quoted attribute. Bytes that are no UTF-8, control characters and code points
// that are no characters become U+FFFD; what turns the direction of text (U+202E and its like) becomes "[U+202E]".
// Thread-safe.
[[nodiscard]] std::string escape_html(std::string_view text);

using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Tags and attribute names are this program's own and not escaped.
class Markup {
 public:
  void open(std::string_view tag, Attributes attributes = {});
  void close();                                                                        // the element opened last
  void text(std::string_view text);                                                    // escaped
  void leaf(std::string_view tag, std::string_view text, Attributes attributes = {});  // a whole element
  void shape(std::string_view tag, Attributes attributes);  // SVG without content: <path ... />
  void trusted(std::string_view markup);                    // as it is
  [[nodiscard]] std::string take();                         // REQUIRES: all is closed

 private:
  void begin(std::string_view tag, Attributes attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace persona4rec
