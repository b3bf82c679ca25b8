#include "io/jsonl_reader.hpp"

#include <utility>

#include "base/stop.hpp"
#include "base/utf8.hpp"
#include "io/line_source.hpp"

namespace persona4rec {
namespace {

std::string parse_message(simdjson::error_code code, std::string_view line) {
  if (const auto bad = find_bad_utf8(line))
    return "expected UTF-8, got a bad byte at column " + std::to_string(*bad + 1);
  if (line.find("NaN") != std::string_view::npos || line.find("Infinity") != std::string_view::npos) {
    return "expected JSON, got a number that JSON does not have (NaN or Infinity)";
  }
  return "expected one whole JSON object, got broken JSON (" + std::string(simdjson::error_message(code)) + ")";
}

}  // namespace

struct JsonlReader::State {
  State(const std::filesystem::path& path, JsonlOptions options)
      : source(path), options(std::move(options)), place{.file = path == "-" ? "<stdin>" : path.string()} {}

  LineSource source;
  JsonlOptions options;
  Place place;
  std::string line;
  simdjson::dom::parser parser;
  std::uint64_t rows = 0;
  std::uint64_t bad_rows = 0;
  std::uint64_t row_index = UINT64_MAX;  // wraps to 0 at the first line
  bool has_line = false;
  std::string hash;

  // Reads the next line; blank ones may only stand at the end.
  bool read_line() {
    if (!source.next(line)) return false;
    place.line = source.line();
    if (!trim(line).empty()) return true;
    const std::uint64_t blank = place.line;
    while (source.next(line)) {
      if (!trim(line).empty()) {
        throw input_error({.file = place.file, .line = blank}, "expected one JSON object a line, got an empty line");
      }
    }
    return false;
  }

  void parse(const std::function<void(const RowView&)>& take) {
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    simdjson::dom::element element;
    if (const auto code = parser.parse(line.data(), line.size(), false).get(element); code != simdjson::SUCCESS) {
      throw input_error(place, parse_message(code, line));
    }
    take(RowView(element, place));
  }

  void finish() {
    place.line = 0;
    if (rows + bad_rows == 0 && !options.allow_empty_file)
      throw input_error(place, "expected JSON Lines, got an empty file");
    if (hash.empty()) hash = source.sha256();
  }
};

JsonlReader::JsonlReader(const std::filesystem::path& path, JsonlOptions options)
    : state_(std::make_unique<State>(path, std::move(options))) {}
JsonlReader::JsonlReader(JsonlReader&&) noexcept = default;
JsonlReader& JsonlReader::operator=(JsonlReader&&) noexcept = default;
JsonlReader::~JsonlReader() = default;

bool JsonlReader::next(const std::function<void(const RowView&)>& take) {
  auto& s = *state_;
  for (;;) {
    throw_if_stopped();
    if (!s.read_line()) {
      s.finish();
      return false;
    }
    ++s.row_index;
    try {
      s.parse(take);
      ++s.rows;
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput || s.bad_rows >= s.options.max_bad_rows) throw;
      ++s.bad_rows;
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
  return state_->source.has_buffered_line();
}

}  // namespace persona4rec
