#include "io/lists/trec_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/stop.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kFieldBlanks = " \t";

// The first N fields of a line and how many it has.
template <std::size_t N>
struct Fields {
  std::array<std::string_view, N> text;
  std::size_t count = 0;
};

template <std::size_t N>
Fields<N> split_fields(std::string_view line) {
  Fields<N> fields;
  for (auto begin = line.find_first_not_of(kFieldBlanks); begin != std::string_view::npos; ++fields.count) {
    const auto end = std::min(line.find_first_of(kFieldBlanks, begin), line.size());
    if (fields.count < N) fields.text[fields.count] = line.substr(begin, end - begin);
    begin = line.find_first_not_of(kFieldBlanks, end);
  }
  return fields;
}

// Infinite numbers are numbers: they order a list.
double parse_number(std::string_view text, const Place& place, const std::string& field) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || std::isnan(value)) {
    throw input_error({place.file, place.line, field}, "expected a number, got \"" + copy + "\"");
  }
  return value;
}

}  // namespace

RunLine parse_run_line(std::string_view line, const Place& place) {
  const auto fields = split_fields<6>(line);
  if (fields.count < 6) {
    throw input_error(place, "expected the 6 fields of a TREC run (user Q0 item rank score tag), got " +
                                 std::to_string(fields.count));
  }
  return {.user_id = UserId(std::string(fields.text[0])),
          .item_id = ItemId(std::string(fields.text[2])),
          .score = parse_number(fields.text[4], place, "score")};
}

QrelLine parse_qrel_line(std::string_view line, const Place& place) {
  const auto fields = split_fields<4>(line);
  if (fields.count != 4) throw input_error(place, "expected the 4 fields of TREC qrels: user 0 item relevance");
  return {.user_id = UserId(std::string(fields.text[0])),
          .item_id = ItemId(std::string(fields.text[2])),
          .relevant = parse_number(fields.text[3], place, "relevance") > 0};
}

TrecReader::TrecReader(LineSource source, std::uint64_t max_bad_rows)
    : source_(std::move(source)), place_{.file = source_.name()}, max_bad_rows_(max_bad_rows) {}

bool TrecReader::next(const std::function<void(std::string_view, const Place&)>& take) {
  while (source_.next(line_)) {
    throw_if_stopped();
    if (trim(line_).empty()) continue;
    place_.line = source_.line();
    try {
      if (find_bad_utf8(line_)) throw input_error(place_, "expected UTF-8");
      take(line_, place_);
      ++rows_;
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput || bad_rows_ >= max_bad_rows_) throw;
      ++bad_rows_;
    }
  }
  place_.line = 0;
  if (rows_ + bad_rows_ == 0) throw input_error(place_, "expected a TREC file, got an empty one");
  if (sha256_.empty()) sha256_ = source_.sha256();
  return false;
}

}  // namespace persona4rec
