#include "io/jsonl_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/stop.hpp"
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

}  // namespace

struct JsonlReader::State {
  State(std::unique_ptr<RowSource> rows, JsonlOptions options)
      : source(std::move(rows)), options(std::move(options)), place{.file = source->name()} {}

  std::unique_ptr<RowSource> source;
  JsonlOptions options;
  Place place;
  simdjson::dom::parser parser;
  std::uint64_t rows = 0;
  std::uint64_t bad_rows = 0;
  std::uint64_t row_index = UINT64_MAX;  // wraps to 0 at the first line
  std::string hash;

  void parse(const std::function<void(const RowView&)>& take) {
    std::string& line = source->text();
    if (options.python_dicts && begins_python_dict(line)) line = json_line(line);
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    simdjson::dom::element element;
    if (const auto code = parser.parse(line.data(), line.size(), false).get(element); code != simdjson::SUCCESS) {
      throw input_error(place, row_index == 0 ? first_line_message(code, line) : parse_message(code, line));
    }
    if (row_index == 0 && element.is_array()) throw input_error(place, kArrayMessage);
    take(RowView(element, place));
  }

  // A Python dict as JSON.
  [[nodiscard]] std::string json_line(std::string_view line) const {
    if (find_bad_utf8(line)) throw input_error(place, parse_message(simdjson::UTF8_ERROR, line));
    const auto value = read_python_literal(line);
    if (!value) throw input_error(place, "expected one whole Python dict, got a broken one, or one nested too deep");
    return value->dump();
  }

  void finish() {
    place.line = 0;
    if (rows + bad_rows == 0 && !options.allow_empty_file)
      throw input_error(place, "expected JSON Lines, got an empty file");
    if (hash.empty()) hash = source->sha256();
  }
};

JsonlReader::JsonlReader(const InputFile& input, JsonlOptions options)
    : JsonlReader(LineSource(input), std::move(options)) {}
JsonlReader::JsonlReader(LineSource source, JsonlOptions options)
    : JsonlReader(std::make_unique<LineRows>(std::move(source)), std::move(options)) {}
JsonlReader::JsonlReader(std::unique_ptr<RowSource> rows, JsonlOptions options)
    : state_(std::make_unique<State>(std::move(rows), std::move(options))) {}
JsonlReader::JsonlReader(JsonlReader&&) noexcept = default;
JsonlReader& JsonlReader::operator=(JsonlReader&&) noexcept = default;
JsonlReader::~JsonlReader() = default;

bool JsonlReader::next(const std::function<void(const RowView&)>& take) {
  auto& s = *state_;
  for (;;) {
    throw_if_stopped();
    if (!s.source->read()) {
      s.finish();
      return false;
    }
    s.place.line = s.source->line();
    ++s.row_index;
    try {
      s.parse(take);
      ++s.rows;
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput || s.bad_rows >= s.options.max_bad_rows) throw;
      ++s.bad_rows;
      if (s.options.on_bad_row) s.options.on_bad_row(error);
    }
  }
}

const Place& JsonlReader::place() const {
  return state_->place;
}
std::uint64_t JsonlReader::rows() const {
  return state_->rows;
}
std::uint64_t JsonlReader::row_index() const {
  return state_->row_index;
}
std::uint64_t JsonlReader::bad_rows() const {
  return state_->bad_rows;
}
const JsonlOptions& JsonlReader::options() const {
  return state_->options;
}
std::string JsonlReader::sha256() const {
  if (state_->hash.empty()) throw internal_error("sha256() of a file that was not read to its end");
  return state_->hash;
}
bool JsonlReader::has_buffered_line() const {
  return state_->source->has_buffered_row();
}

}  // namespace persona4rec
