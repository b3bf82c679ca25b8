// HTML in plain text: character references ("&quot;", "&#39;", "&#x27;") and tags.
#pragma once

#include <string>
#include <string_view>

namespace persona4rec {

// The text with the references of HTML 4, &apos; and numeric ones resolved, once: "&amp;quot;" becomes "&quot;". What
// is no such reference stays as it is. No-break spaces become spaces. REQUIRES: valid UTF-8. Thread-safe.
[[nodiscard]] std::string decode_html(std::string_view text);

// The text with a space for each tag; references stay as they are. Thread-safe.
[[nodiscard]] std::string plain_text(std::string_view text);

}  // namespace persona4rec
