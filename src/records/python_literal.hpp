// Python literals as raw files hold them: Yelp's attributes, whole rows of Amazon's metadata of 2014.
// Bounded: nested at most 32 deep, in time linear in the text. Thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "persona4rec/json.hpp"

namespace persona4rec {

// u'free', 'caf\xe9', "a", True, None, 3, 1.5, {..}, [..], (..) as JSON; nothing when the text is no literal, or nested
// too deep. Escapes are decoded: in byte strings of Python 2 ('caf\xc3\xa9') as UTF-8, else as code points; surrogate
// pairs are joined, halves of one become U+FFFD.
[[nodiscard]] std::optional<Json> read_python_literal(std::string_view text);

// The same; text that is no literal stays a string.
[[nodiscard]] Json parse_python_literal(std::string_view text);

// Does a line begin as a Python dict does and a JSON object does not ({'key' or {u'key')?
[[nodiscard]] bool begins_python_dict(std::string_view line);

}  // namespace persona4rec
