// Candidate lists one at a time, from JSON Lines or a TREC run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "persona4rec/error.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

class ListSource {
 public:
  ListSource() = default;
  ListSource(const ListSource&) = delete;
  ListSource& operator=(const ListSource&) = delete;
  virtual ~ListSource() = default;

  // The next list, best first; false at the end. Throws Error kInput.
  virtual bool next(CandidateRow& list) = 0;
  [[nodiscard]] virtual Place place() const = 0;  // where the list returned last begins
  [[nodiscard]] virtual std::uint64_t bad_rows() const = 0;
  // Hex SHA-256 of the (decompressed) bytes. REQUIRES: next() returned false.
  [[nodiscard]] virtual std::string sha256() const = 0;
};

// Throws Error kInput when the file cannot be read.
[[nodiscard]] std::unique_ptr<ListSource> open_lists(const std::filesystem::path& path, EvalFormat format,
                                                     std::uint64_t max_bad_rows);

}  // namespace persona4rec
