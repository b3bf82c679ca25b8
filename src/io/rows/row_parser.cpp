#include "io/rows/row_parser.hpp"

#include <algorithm>
#include <charconv>

#include "base/utf8.hpp"
#include "records/python_literal.hpp"

namespace persona4rec {
namespace {

constexpr const char* kArrayMessage =
    "expected one JSON object a line, got a JSON array: write each of its elements on a line of its own (jq -c '.[]')";

bool is_hex4(std::string_view text) {
  return text.size() == 4 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// The first escape \uD800 to \uDFFF that is not half of a pair; "" when there is none.
std::string_view find_lone_surrogate(std::string_view line) {
  const auto half_at = [&](std::size_t at, std::string_view kinds) {
    return line.substr(std::min(at, line.size()), 2) == "\\u" && is_hex4(line.substr(at + 2, 4)) &&
           (line[at + 2] == 'd' || line[at + 2] == 'D') && kinds.find(line[at + 3]) != std::string_view::npos;
  };
  for (auto at = line.find('\\'); at != std::string_view::npos; at = line.find('\\', at)) {
    const bool high = half_at(at, "89abAB");
    if (high && half_at(at + 6, "cdefCDEF")) {
      at += 12;
    } else if (high || half_at(at, "cdefCDEF")) {
      return line.substr(at, 6);
    } else {
      at += 2;
    }
  }
  return {};
}

// The first integer outside of strings that 64 bits do not hold; "" when there is none.
std::string_view find_huge_integer(std::string_view line) {
  constexpr std::string_view kDigits = "0123456789";
  bool in_string = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') in_string = !in_string;
    if (in_string && line[at] == '\\') ++at;
    if (in_string || kDigits.find(line[at]) == std::string_view::npos) continue;
    const auto end = std::min(line.find_first_not_of("0123456789.eE+-", at), line.size());
    const auto number = line.substr(at, end - at);
    std::uint64_t value = 0;
    const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool too_low = at > 0 && line[at - 1] == '-' && value > std::uint64_t{1} << 63U;
    if ((error == std::errc::result_out_of_range || too_low) && rest == number.data() + number.size()) return number;
    at = end - 1;
  }
  return {};
}

std::string parse_message(simdjson::error_code code, std::string_view line) {
  if (const auto bad = find_bad_utf8(line))
    return "expected UTF-8, got a bad byte at column " + std::to_string(*bad + 1);
  if (line.find("NaN") != std::string_view::npos || line.find("Infinity") != std::string_view::npos) {
    return "expected JSON, got a number that JSON does not have (NaN or Infinity)";
  }
  if (const auto half = find_lone_surrogate(line); !half.empty()) {
    return "expected one whole JSON object, got a lone surrogate (" + std::string(half) + "), which is no character";
  }
  if (const auto number = find_huge_integer(line); !number.empty()) {
    return "expected one whole JSON object, got an integer beyond 64 bits (" + std::string(cut_utf8(number, 40)) + ")";
  }
  return "expected one whole JSON object, got broken JSON (" + std::string(simdjson::error_message(code)) + ")";
}

// The first line of a file that is JSON, but not one object a line.
std::string first_line_message(simdjson::error_code code, std::string_view line) {
  const auto text = trim(line);
  if (text.starts_with('[')) return kArrayMessage;
  if (text == "{") return "expected one JSON object a line, got an object over several lines (jq -c . puts it on one)";
  return parse_message(code, line);
}

// A Python dict as JSON.
std::string json_line(std::string_view line, const Place& place) {
  if (find_bad_utf8(line)) throw input_error(place, parse_message(simdjson::UTF8_ERROR, line));
  const auto value = read_python_literal(line);
  if (!value) throw input_error(place, "expected one whole Python dict, got a broken one, or one nested too deep");
  return value->dump();
}

}  // namespace

RowView RowParser::parse(std::string& line, const Place& place, bool is_first) {
  if (python_dicts_ && begins_python_dict(line)) line = json_line(line, place);
  line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  simdjson::dom::element element;
  if (const auto code = parser_.parse(line.data(), line.size(), false).get(element); code != simdjson::SUCCESS) {
    throw input_error(place, is_first ? first_line_message(code, line) : parse_message(code, line));
  }
  if (is_first && element.is_array()) throw input_error(place, kArrayMessage);
  return RowView(element, place);
}

Error empty_file_error(Place place) {
  place.line = 0;
  return input_error(place, "expected JSON Lines, got an empty file");
}

}  // namespace persona4rec
