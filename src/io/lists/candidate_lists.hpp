// Candidate lists one at a time, from JSON Lines or a TREC run; a file, a pipe or stdin.
//
// The order of JSON Lines is the file's. A run's is that of trec_eval: by score, highest first, of equal scores the
// greater item name first; a user's lines may stand anywhere. Thread-safety: one object, one thread. Memory: one list;
// of a run that is not streaming 16 bytes a line and every id once.
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
};

struct ListOptions {
  ListFormat format = ListFormat::kAuto;
  std::uint64_t max_bad_rows = 0;  // unusable rows (TREC: lines) skipped; the next one is an error
  bool streaming = false;          // a TREC run's lists come as they are read, and a user's lines must stand together
  bool base_ranks = false;         // of JSON Lines: Candidate::base_rank and has_persona are read
  std::function<void(const Error&)> on_bad_row;  // of JSON Lines: told of each row that is skipped; may be empty
};

// Auto decided by the first character of the source, which stays where it is. Throws Error kInput as the source does.
[[nodiscard]] ListFormat find_format(LineSource& source, ListFormat format);

// Opens at once and reads the input once, whatever it is. With format kAuto, or a TREC run, it waits for the first
// line; a run that is not streaming is read to its end. Throws Error kInput.
[[nodiscard]] std::unique_ptr<CandidateLists> open_candidate_lists(const InputFile& input,
                                                                   const ListOptions& options = {});

}  // namespace persona4rec
