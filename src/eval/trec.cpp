#include "eval/trec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "base/stop.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kBlanks = " \t";

// The fields of a line; nothing when there are not exactly N.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> split_fields(std::string_view line) {
  std::array<std::string_view, N> fields;
  std::size_t count = 0;
  for (auto begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;
       begin = line.find_first_not_of(kBlanks, begin)) {
    if (count == N) return std::nullopt;
    const auto end = std::min(line.find_first_of(kBlanks, begin), line.size());
    fields[count++] = line.substr(begin, end - begin);
    begin = end;
  }
  return count == N ? std::optional(fields) : std::nullopt;
}

double parse_number(std::string_view text, const Place& place, const std::string& field) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    throw input_error({place.file, place.line, field}, "expected a number, got \"" + std::string(text) + "\"");
  }
  return value;
}

std::string_view writable(std::string_view id) {
  if (id.find_first_of(" \t\r\n\v\f") != std::string_view::npos) {
    throw Error(ErrorKind::kInput, "id \"" + std::string(id) + "\" holds white space, which TREC files cannot carry");
  }
  return id;
}

bool falls_strictly(std::span<const Candidate> list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].score) return false;
    if (i > 0 && !(list[i].score < list[i - 1].score)) return false;
  }
  return true;
}

void append_number(std::string& text, double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

}  // namespace

RunLine parse_run_line(std::string_view line, const Place& place) {
  const auto fields = split_fields<6>(line);
  if (!fields) throw input_error(place, "expected the 6 fields of a TREC run: user Q0 item rank score tag");
  return {.user_id = UserId(std::string((*fields)[0])),
          .item_id = ItemId(std::string((*fields)[2])),
          .score = parse_number((*fields)[4], place, "score")};
}

QrelLine parse_qrel_line(std::string_view line, const Place& place) {
  const auto fields = split_fields<4>(line);
  if (!fields) throw input_error(place, "expected the 4 fields of TREC qrels: user 0 item relevance");
  return {.user_id = UserId(std::string((*fields)[0])),
          .item_id = ItemId(std::string((*fields)[2])),
          .relevant = parse_number((*fields)[3], place, "relevance") > 0};
}

void append_run(std::string& text, const CandidateRow& list, std::string_view tag) {
  const bool own_scores = falls_strictly(list.results);
  const std::size_t n = list.results.size();
  std::unordered_map<std::string_view, std::size_t> times;
  for (std::size_t i = 0; i < n; ++i) {
    const auto item = writable(list.results[i].item_id.text());
    text.append(writable(list.user_id.text())).append(" Q0 ").append(item);
    if (const auto time = ++times[item]; time > 1) text.append("~").append(std::to_string(time));
    text.append(" ").append(std::to_string(i + 1)).append(" ");
    append_number(text, own_scores ? list.results[i].score.value_or(0.0) : static_cast<double>(n - i));
    text.append(" ").append(tag).append("\n");
  }
}

void append_qrel(std::string& text, const UserId& user, const ItemId& item) {
  text.append(writable(user.text())).append(" 0 ").append(writable(item.text())).append(" 1\n");
}

EvalFormat resolve_format(const std::filesystem::path& path, EvalFormat format) {
  if (format != EvalFormat::kAuto) return format;
  if (path == "-") return EvalFormat::kJsonl;
  LineSource source(path);
  for (std::string line; source.next(line);) {
    if (const auto text = trim(line); !text.empty()) {
      return text.front() == '{' ? EvalFormat::kJsonl : EvalFormat::kTrec;
    }
  }
  return EvalFormat::kJsonl;  // empty: its reader says so
}

TrecReader::TrecReader(const std::filesystem::path& path, std::uint64_t max_bad_rows)
    : source_(path), place_{.file = path == "-" ? "<stdin>" : path.string()}, max_bad_rows_(max_bad_rows) {}

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
