#include "io/rows/delimited_rows.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"
#include "records/python_literal.hpp"

namespace persona4rec {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

void append_string(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      (json += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      json += escaped.data();
    } else {
      json += c;
    }
  }
  json += '"';
}

// Takes the digits at the start of `text`; false when there is none.
bool take_digits(std::string_view& text) {
  const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

// A number as JSON writes it, of so few digits that 64 bits hold it.
bool is_json_number(std::string_view text) {
  constexpr std::size_t kMostBytes = 18;
  if (text.size() > kMostBytes && text.find_first_of(".eE") == std::string_view::npos) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0') && text.size() > 1 && is_ascii_digit(text[1])) return false;
  if (!take_digits(text)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

// A list or an object that a cell holds as JSON or as a Python literal.
std::optional<Json> value_of(std::string_view cell) {
  if (!cell.starts_with('[') && !cell.starts_with('{')) return std::nullopt;
  if (auto literal = read_python_literal(cell)) return literal;
  Json value = Json::parse(cell, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

}  // namespace

void DelimitedRows::fail(const std::string& field, const std::string& message) const {
  throw input_error({.file = name(), .line = line(), .field = field}, message);
}

bool DelimitedRows::read() {
  if (columns_.empty()) {
    if (!options_.header.empty()) {
      take_header(options_.header);
    } else if (reader_.next()) {
      if (!reader_.problem().empty()) fail("", reader_.problem());
      take_header(reader_.fields());
    } else {
      return false;
    }
    check_required();
  }
  return reader_.next();
}

void DelimitedRows::take_header(const std::vector<std::string>& names) {
  for (const auto& header : names) {
    if (find_bad_utf8(header)) fail("", "expected UTF-8 in the header (iconv -f LATIN1 -t UTF-8 converts Latin-1)");
    Column column{.name = column_name(header), .key = {}, .kind = Kind::kText};
    append_string(column.key, column.name);
    column.key += ':';
    if (holds(options_.numbers, column.name)) column.kind = Kind::kNumber;
    if (holds(options_.values, column.name)) column.kind = Kind::kValue;
    columns_.push_back(std::move(column));
  }
}

void DelimitedRows::check_required() const {
  std::string known;
  for (const auto& column : columns_) known += (known.empty() ? "" : ", ") + column.name;
  for (const auto& name : options_.required) {
    if (std::ranges::find(columns_, name, &Column::name) != columns_.end()) continue;
    fail(name, "expected a column of this name, got the header " + std::string(cut_utf8(known, 300)) +
                   " (a file that begins with neither { nor [ is read as CSV or TSV)");
  }
}

std::string& DelimitedRows::text() {
  if (!reader_.problem().empty()) fail("", reader_.problem());
  const auto& fields = reader_.fields();
  if (fields.size() != columns_.size()) {
    fail("", "expected " + std::to_string(columns_.size()) + " fields as the header has, got " +
                 std::to_string(fields.size()));
  }
  json_.assign(1, '{');
  for (std::size_t i = 0; i < fields.size(); ++i) append_cell(columns_[i], fields[i]);
  json_ += '}';
  return json_;
}

void DelimitedRows::append_cell(const Column& column, std::string_view cell) {
  if (cell.empty()) return;
  if (const auto bad = find_bad_utf8(cell)) {
    fail(column.name, "expected UTF-8, got a bad byte at column " + std::to_string(*bad + 1) +
                          " of the cell (iconv -f LATIN1 -t UTF-8 converts Latin-1)");
  }
  if (json_.size() > 1) json_ += ',';
  json_ += column.key;
  if (const auto number = trim(cell); column.kind == Kind::kNumber && is_json_number(number)) {
    json_ += number;
    return;
  }
  const auto value = column.kind == Kind::kValue ? value_of(trim(cell)) : std::nullopt;
  if (value) {
    json_ += value->dump(-1, ' ', false, Json::error_handler_t::replace);
  } else {
    append_string(json_, cell);
  }
}

}  // namespace persona4rec
