// Records of CSV and TSV files: RFC 4180, with commas, tabs or semicolons between the fields.
//
// A field in quotes may hold delimiters, line ends (as they are, LF or CRLF) and doubled quotes; quotes inside a field
// that does not begin with one are characters. Blank lines are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/line_source.hpp"

namespace persona4rec {

// What stands between the fields of a line: a tab if it has one outside of quotes, else a comma, else a semicolon;
// '\0' when it has none of them.
[[nodiscard]] char find_delimiter(std::string_view line);

// The fields of one line; empty when its quotes are wrong or go on behind it.
[[nodiscard]] std::vector<std::string> split_record(std::string_view line, char delimiter);

// The name of a column: RecBole's headers carry a type behind it ("user_id:token"), which is taken off; white space
// around it too.
[[nodiscard]] std::string column_name(std::string_view header);

// Thread-safety: one object, one thread. Memory: one record.
class DelimitedReader {
 public:
  // delimiter '\0': find_delimiter of the first record's first line, a comma where it has none.
  explicit DelimitedReader(LineSource source, char delimiter = '\0');

  // The next record; false at the end. Throws Error kInput: quotes that are never closed (with the line where they
  // were opened), a record above kMaxLineBytes.
  bool next();

  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  // Why the record cannot be trusted (text behind a closing quote); empty when it can.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] std::uint64_t line() const { return first_line_; }  // 1-based, where the record begins
  [[nodiscard]] LineSource& source() { return source_; }
  [[nodiscard]] const LineSource& source() const { return source_; }

 private:
  LineSource source_;
  char delimiter_;
  std::string text_;  // of the line read last
  std::vector<std::string> fields_;
  std::string problem_;
  std::uint64_t first_line_ = 0;
};

}  // namespace persona4rec
