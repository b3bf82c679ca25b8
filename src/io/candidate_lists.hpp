// Candidate lists one at a time, from JSON Lines or a TREC run, a file or stdin.
//
// A run's order is its scores', highest first, ties in file order; lines of one user must stand together (a list ends
// where the next user's begins). Thread-safety: one object, one thread. Memory: one list.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

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

// Auto decided by the file's first character. Throws Error kInput when it cannot be read.
[[nodiscard]] ListFormat resolve_format(const std::filesystem::path& path, ListFormat format);

// Opens at once; up to `max_bad_rows` unusable rows (TREC: lines) are skipped. Throws Error kInput.
[[nodiscard]] std::unique_ptr<CandidateLists> open_candidate_lists(const std::filesystem::path& path, ListFormat format,
                                                                   std::uint64_t max_bad_rows);

}  // namespace persona4rec
