// TREC's text formats: runs ("user Q0 item rank score tag") and qrels ("user 0 item relevance"), white space between.
//
// A run's order is its scores', highest first, as trec_eval reads it (the rank column is not looked at); ties keep file
// order, where trec_eval takes the greater item name first. Lines of one user must stand together: lists are streamed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "io/line_source.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/records.hpp"

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

// Throw Error kInput at `place`: another number of fields, a score or relevance that is no number.
[[nodiscard]] RunLine parse_run_line(std::string_view line, const Place& place);
[[nodiscard]] QrelLine parse_qrel_line(std::string_view line, const Place& place);

// Appends a list as lines that every TREC tool orders as it stands: its own scores where they fall strictly, else
// n, n-1, .., 1. An item that stands twice would be refused there and is written as "<item>~2" (so is "[PAD]").
// Throws Error kInput for an id with white space.
void append_run(std::string& text, const CandidateRow& list, std::string_view tag);
void append_qrel(std::string& text, const UserId& user, const ItemId& item);

// Auto decided by the file's first character. Throws Error kInput when it cannot be read.
[[nodiscard]] EvalFormat resolve_format(const std::filesystem::path& path, EvalFormat format);

// Lines of a TREC file, as JsonlReader reads JSON Lines: blank lines are passed over, the first max_bad_rows Errors
// kInput of `take` are counted instead of thrown, an empty file is an Error kInput.
class TrecReader {
 public:
  TrecReader(const std::filesystem::path& path, std::uint64_t max_bad_rows);

  // Calls `take` with the next good line; false at the end.
  bool next(const std::function<void(std::string_view line, const Place& place)>& take);

  [[nodiscard]] const Place& place() const { return place_; }  // of the line read last
  [[nodiscard]] std::uint64_t bad_rows() const { return bad_rows_; }
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
