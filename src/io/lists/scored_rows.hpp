// Flat rows of lists or of ground truth, "user, item, score", one at a time, whatever holds them: a TREC run, CSV, TSV,
// JSON Lines, a JSON array.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "io/line_source.hpp"
#include "io/lists/list_shape.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/ids.hpp"

namespace persona4rec {

struct ScoredRow {
  UserId user_id;
  ItemId item_id;
  std::optional<double> score;  // infinite ones are numbers; NaN is refused
};

// Thread-safety: one object, one thread. Memory: one row.
class ScoredRows {
 public:
  ScoredRows() = default;
  ScoredRows(const ScoredRows&) = delete;
  ScoredRows& operator=(const ScoredRows&) = delete;
  virtual ~ScoredRows() = default;

  // The next good row; false at the end. Throws Error kInput with file:line.
  virtual bool next(ScoredRow& row) = 0;
  [[nodiscard]] virtual const Place& place() const = 0;      // of the row read last
  [[nodiscard]] virtual bool has_buffered_row() const = 0;   // next() need not wait for input
  [[nodiscard]] virtual std::uint64_t bad_rows() const = 0;  // skipped so far
  // Hex SHA-256 of the (decompressed) bytes. REQUIRES: next() returned false.
  [[nodiscard]] virtual std::string sha256() const = 0;
};

struct ScoredRowOptions {
  std::uint64_t max_bad_rows = 0;
  std::function<void(const Error&)> on_bad_row;  // of rows that are no TREC lines; may be empty
};

// REQUIRES: shape.kind is kRows, kTable or kTrec (a run).
[[nodiscard]] std::unique_ptr<ScoredRows> open_scored_rows(LineSource source, const ListShape& shape,
                                                           const ScoredRowOptions& options);

// The score of a CSV cell or a JSON string, as C's strtod takes it. Throws Error kInput at the place.
[[nodiscard]] double score_of(std::string_view text, const Place& place, const std::string& field);

}  // namespace persona4rec
