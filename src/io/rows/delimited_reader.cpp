#include "io/rows/delimited_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/stop.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Takes the lines of one record from left to right.
class RecordParser {
 public:
  RecordParser(char delimiter, std::vector<std::string>& fields, std::string& problem)
      : delimiter_(delimiter), fields_(fields), problem_(problem) {
    fields_.assign(1, {});
    problem_.clear();
  }

  // False when the record goes on in the next line: a quote is open.
  bool take(std::string_view line) {
    opened_ = false;
    for (std::size_t at = 0; at < line.size();) at = quoted_ ? take_quoted(line, at) : take_plain(line, at);
    return !quoted_;
  }
  void take_line_end(std::string_view end) { fields_.back() += end; }
  [[nodiscard]] bool opened() const { return opened_; }  // a quote, in the line taken last

 private:
  std::size_t take_quoted(std::string_view line, std::size_t at) {
    const auto quote = line.find('"', at);
    fields_.back() += line.substr(at, quote - at);
    if (quote == std::string_view::npos) return line.size();
    if (line.substr(quote + 1).starts_with('"')) {
      fields_.back() += '"';
      return quote + 2;
    }
    quoted_ = false;
    closed_ = true;
    return quote + 1;
  }

  std::size_t take_plain(std::string_view line, std::size_t at) {
    if (line[at] == delimiter_) {
      fields_.emplace_back();
      closed_ = false;
      return at + 1;
    }
    if (line[at] == '"' && fields_.back().empty() && !closed_) {
      quoted_ = opened_ = true;
      return at + 1;
    }
    const auto end = std::min(line.find(delimiter_, at), line.size());
    if (closed_ && problem_.empty()) {
      problem_ = "expected a delimiter or the line's end behind the closing quote of field " +
                 std::to_string(fields_.size()) + ", got \"" + std::string(cut_utf8(line.substr(at, end - at), 40)) +
                 "\" (a quote inside quotes is doubled: \"\")";
    }
    fields_.back() += line.substr(at, end - at);
    return end;
  }

  char delimiter_;
  std::vector<std::string>& fields_;
  std::string& problem_;
  bool quoted_ = false;
  bool opened_ = false;
  bool closed_ = false;  // the field's quotes were closed
};

// A line end is part of a quoted field as it stands in the file.
std::string_view line_end(const LineSource& source) {
  return source.ended_with_cr() ? "\r\n" : "\n";
}

}  // namespace

char find_delimiter(std::string_view line) {
  std::array<bool, 3> seen{};
  constexpr std::string_view kDelimiters = "\t,;";
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    const auto found = kDelimiters.find(c);
    if (!quoted && found != std::string_view::npos) seen[found] = true;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]) return kDelimiters[i];
  }
  return '\0';
}

std::vector<std::string> split_record(std::string_view line, char delimiter) {
  std::vector<std::string> fields;
  std::string problem;
  if (!RecordParser(delimiter, fields, problem).take(line) || !problem.empty()) return {};
  return fields;
}

std::string column_name(std::string_view header) {
  header = trim(header);
  for (const std::string_view type : {":token", ":token_seq", ":float", ":float_seq"}) {
    if (header.ends_with(type)) return std::string(header.substr(0, header.size() - type.size()));
  }
  return std::string(header);
}

DelimitedReader::DelimitedReader(LineSource source, char delimiter)
    : source_(std::move(source)), delimiter_(delimiter) {}

bool DelimitedReader::next() {
  do {
    throw_if_stopped();
    if (!source_.next(text_)) return false;
  } while (trim(text_).empty());
  first_line_ = source_.line();
  if (delimiter_ == '\0') delimiter_ = find_delimiter(text_);
  if (delimiter_ == '\0') delimiter_ = ',';
  RecordParser parser(delimiter_, fields_, problem_);
  std::size_t bytes = text_.size();
  std::uint64_t opened = first_line_;
  while (!parser.take(text_)) {
    if (parser.opened()) opened = source_.line();
    parser.take_line_end(line_end(source_));
    const Place place{.file = source_.name(), .line = opened};
    if (!source_.next(text_)) throw input_error(place, "a quote is opened here and never closed");
    bytes += text_.size();
    if (bytes > kMaxLineBytes) throw input_error(place, "a quote is opened here and not closed within 64 MiB");
  }
  return true;
}

}  // namespace persona4rec
