// TREC's text formats: runs ("user Q0 item rank score tag") and qrels ("user 0 item relevance"), white space between.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "io/line_source.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/ids.hpp"

namespace persona4rec {

struct RunLine {
  UserId user_id;
  ItemId item_id;
  double score = 0;
};
struct QrelLine {
  UserId user_id;
  ItemId item_id;
  bool relevant = false;  // relevance > 0
};

// As trec_eval reads them: numbers as C's strtod takes them (+1.5, -inf; NaN is refused), text behind a run's tag is
// not looked at. Throw Error kInput at `place`: too few fields, a score or relevance that is no number.
[[nodiscard]] RunLine parse_run_line(std::string_view line, const Place& place);
[[nodiscard]] QrelLine parse_qrel_line(std::string_view line, const Place& place);

// Lines of a TREC file, as JsonlReader reads JSON Lines: blank lines are passed over, the first max_bad_rows Errors
// kInput of `take` are counted instead of thrown, an empty file is an Error kInput. Thread-safety: one reader, one
// thread. Memory: one line.
class TrecReader {
 public:
  TrecReader(LineSource source, std::uint64_t max_bad_rows);

  // Calls `take` with the next good line; false at the end.
  bool next(const std::function<void(std::string_view line, const Place& place)>& take);

  [[nodiscard]] const Place& place() const { return place_; }  // of the line read last
  [[nodiscard]] std::uint64_t bad_rows() const { return bad_rows_; }
  // True when next() need not wait for input.
  [[nodiscard]] bool has_buffered_line() const { return source_.has_buffered_line(); }
  // Hex SHA-256 of the (decompressed) bytes. REQUIRES: next() returned false.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  LineSource source_;
  Place place_;
  std::string line_;
  std::uint64_t max_bad_rows_;
  std::uint64_t rows_ = 0;
  std::uint64_t bad_rows_ = 0;
  std::string sha256_;
};

}  // namespace persona4rec
