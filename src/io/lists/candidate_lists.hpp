// Candidate lists one at a time, in any shape that io/lists/list_shape.hpp knows; a file, a pipe or stdin.
//
// Rows with "results" keep the order of the file. Flat rows and maps are ordered by score, highest first, of equal ones
// the first in the file first (a TREC run: the greater item name, as trec_eval has it); without scores they stay as
// they are. A user's flat rows may stand anywhere. Thread-safety: one object, one thread. Memory: one list; of flat
// rows that are not streaming 12 bytes a row and every id once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "io/line_source.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/list_format.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

class CandidateLists {
 public:
  CandidateLists() = default;
  CandidateLists(const CandidateLists&) = delete;
  CandidateLists& operator=(const CandidateLists&) = delete;
  virtual ~CandidateLists() = default;

  // The next list; false at the end. Throws Error kInput with file:line.
  virtual bool next(CandidateRow& list) = 0;
  // True when next() would return without waiting for input: flush what was written before it does not.
  [[nodiscard]] virtual bool ready() const = 0;
  [[nodiscard]] virtual Place place() const = 0;             // where the list returned last begins
  [[nodiscard]] virtual std::uint64_t bad_rows() const = 0;  // skipped so far
  // Hex SHA-256 of the (decompressed) bytes. REQUIRES: next() returned false.
  [[nodiscard]] virtual std::string sha256() const = 0;
  // Where every list is a line that a ListBlockReader reads: those lines, for who shares them among threads instead of
  // calling next(). Else null.
  [[nodiscard]] virtual LineSource* lines() { return nullptr; }
};

struct ListOptions {
  ListFormat format = ListFormat::kAuto;
  std::uint64_t max_bad_rows = 0;  // unusable rows (TREC: lines) skipped; the next one is an error
  bool streaming = false;          // flat rows' lists come as they are read, and a user's rows must stand together
  bool base_ranks = false;         // of JSON Lines: Candidate::base_rank and has_persona are read
  // Told of each row that is skipped, TREC lines and users of a map aside; may be empty.
  std::function<void(const Error&)> on_bad_row;
};

// Opens at once and reads the input once, whatever it is. It waits for the first line (of JSON: the first object, or
// 64 KiB of it); flat rows that are not streaming are read to their end. Throws Error kInput.
[[nodiscard]] std::unique_ptr<CandidateLists> open_candidate_lists(const InputFile& input,
                                                                   const ListOptions& options = {});

}  // namespace persona4rec
