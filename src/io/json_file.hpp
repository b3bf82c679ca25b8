// Small JSON files (configs, meta files, indexes), read with a bound on their nesting and with errors that name the
// file and the field. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

// Arrays and objects inside each other; deeper text is refused before anything recursive sees it.
inline constexpr std::size_t kMaxJsonDepth = 200;

// True when brackets outside of strings are open deeper than kMaxJsonDepth, whether the text is JSON or not.
[[nodiscard]] bool is_too_deep(std::string_view text);

// Value is Json or nlohmann::json (keys in alphabetical order). Throws Error kInput at `place`: nested too deeply,
// broken JSON, a number beyond a double.
template <class Value = Json>
[[nodiscard]] Value parse_json(std::string_view text, const Place& place);

// The same for a text that has no file (a service's answer): a discarded value instead of an error.
[[nodiscard]] Json parse_json_or_discarded(std::string_view text);

// The file's bytes. Throws Error kInput: missing, a directory, unreadable, larger than 1 GiB.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);
// Throws Error kInput: as read_text_file and parse_json, not one JSON object.
[[nodiscard]] Json read_json_file(const std::filesystem::path& path);

enum class JsonKind : std::uint8_t {
  kText,
  kCount,  // an integer >= 0
  kNumber,
  kFlag,
  kObject,
  kTexts,       // an object of strings
  kTextArrays,  // an object of arrays of strings
};
struct JsonField {
  std::string_view name;  // "options.build": a field of an object inside
  JsonKind kind;
};

// Throws Error kInput at file and field where a field of `object` that is there is of another kind (null too). What
// passes may be read with value() and get<>().
void check_fields(const Json& object, const Place& file, std::span<const JsonField> fields);

// The field as text; "" when `object` is no object, has no such field, or it is no string.
[[nodiscard]] std::string string_at(const Json& object, std::string_view field);

}  // namespace persona4rec
