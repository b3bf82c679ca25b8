// The rows of candidate.jsonl and reranked.jsonl in a block of lines: for readers that share a file among threads.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>

#include "io/line_source.hpp"
#include "io/lists/plain_list.hpp"
#include "io/rows/row_parser.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

struct BlockRows {
  std::function<void(const PlainList& list, std::uint64_t line)> take;
  // A row that cannot be used. False: no more of this block is wanted.
  std::function<bool(const Error& error)> refuse;
};

// What is read, and what errors say, is what CandidateLists has of the same lines. Thread-safety: one object, one
// thread (it keeps its buffers).
class ListBlockReader {
 public:
  ListBlockReader(std::string file, const PlainListOptions& options)
      : options_(options), place_{.file = std::move(file)} {}

  // Lists are valid until take() returns. What take() throws is passed on.
  void read(const LineBlock& block, const BlockRows& rows);

 private:
  bool parse_line(std::string_view line, bool is_first, const BlockRows& rows);

  PlainListOptions options_;
  Place place_;
  RowParser parser_;
  PlainList list_;
  std::string copy_;  // of a line that is parsed
};

// The row, which of the first in a file must say that it is one. Throws Error kInput.
[[nodiscard]] CandidateRow read_list_row(const RowView& view, bool is_first, bool base_ranks);

}  // namespace persona4rec
