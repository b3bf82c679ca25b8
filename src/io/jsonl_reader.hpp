// Line-numbered JSON Lines: UTF-8, one object a line; CRLF, a BOM, a missing last newline, blank lines, gzip, pipes and
// "-" (stdin) are taken. Rows of other files come as a RowSource (io/rows/).
//
// Errors are Error kInput with file:line. Broken rows: strict by default; with max_bad_rows > 0 that many are skipped
// and counted, the next one is an error. Thread-safety: one reader, one thread. Memory: one line (kMaxLineBytes).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/line_source.hpp"
#include "io/rows/row_source.hpp"
#include "persona4rec/error.hpp"
#include "records/row_json.hpp"
#include "records/row_view.hpp"

namespace persona4rec {

struct JsonlOptions {
  std::uint64_t max_bad_rows = 0;
  bool allow_empty_file = false;  // an empty file is an error otherwise
  bool python_dicts = false;      // a row may be a Python dict (Amazon's metadata of 2014)
  ReadOptions read;
  std::function<void(const Error&)> on_bad_row;  // told of each row that is skipped; may be empty
};

class JsonlReader {
 public:
  // Opens at once. Throws Error kInput: missing, a directory, unreadable, an LFS pointer.
  explicit JsonlReader(const InputFile& input, JsonlOptions options = {});
  // The rest of a source that is open already.
  explicit JsonlReader(LineSource source, JsonlOptions options = {});
  explicit JsonlReader(std::unique_ptr<RowSource> rows, JsonlOptions options = {});
  JsonlReader(JsonlReader&&) noexcept;
  JsonlReader& operator=(JsonlReader&&) noexcept;
  ~JsonlReader();

  // Calls `take` with the next good row; false at the end. An Error kInput thrown by `take` counts as a bad row.
  bool next(const std::function<void(const RowView&)>& take);

  // The next row as a value; false at the end.
  template <class Row>
  bool next(Row& row) {
    return next([&](const RowView& view) { row = read_row<Row>(view, options().read); });
  }

  [[nodiscard]] const Place& place() const;  // of the line read last
  [[nodiscard]] std::uint64_t rows() const;  // good rows so far
  [[nodiscard]] std::uint64_t row_index()
      const;  // 0-based index of the row read last, bad ones counted, blank lines not
  [[nodiscard]] std::uint64_t bad_rows() const;  // skipped so far
  [[nodiscard]] const JsonlOptions& options() const;
  // True when next() need not wait for input: a streaming command flushes its output before it waits.
  [[nodiscard]] bool has_buffered_line() const;
  // Hex SHA-256 of the (decompressed) bytes. REQUIRES: next() returned false.
  [[nodiscard]] std::string sha256() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All rows of a file. For inputs that must be in memory anyway.
template <class Row>
[[nodiscard]] std::vector<Row> read_jsonl(const InputFile& input, const JsonlOptions& options = {}) {
  JsonlReader reader(input, options);
  std::vector<Row> rows;
  for (Row row; reader.next(row); row = Row{}) rows.push_back(std::move(row));
  return rows;
}

}  // namespace persona4rec
