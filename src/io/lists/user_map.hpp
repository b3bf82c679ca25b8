// One JSON object that holds a value for each user: {user: {item: score}}, as ranx and pytrec_eval keep runs and qrels,
// or {user: [item, ..]}, {user: [[item, score], ..]}.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>

#include "io/rows/json_elements.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// Thread-safety: one object, one thread. Memory: one user's value.
class UserMap {
 public:
  UserMap(LineSource source, std::uint64_t max_bad_rows);

  // The next user with the items in the order of the file; false at the end. Throws Error kInput with file:line, for
  // JSON that cannot be read on whatever max_bad_rows says.
  bool next(CandidateRow& list);

  [[nodiscard]] const Place& place() const { return place_; }  // where the user read last begins
  [[nodiscard]] std::uint64_t bad_rows() const { return bad_rows_; }
  [[nodiscard]] bool has_buffered_row() const { return elements_.source().has_buffered_line(); }
  // Hex SHA-256 of the (decompressed) bytes. REQUIRES: next() returned false.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  [[nodiscard]] simdjson::dom::element parse(std::string& json);
  void read(CandidateRow& list);
  [[nodiscard]] Candidate candidate(simdjson::dom::element element) const;
  [[nodiscard]] double score(simdjson::dom::element element) const;

  JsonElements elements_;
  simdjson::dom::parser parser_;
  Place place_;
  std::uint64_t max_bad_rows_;
  std::uint64_t rows_ = 0;
  std::uint64_t bad_rows_ = 0;
  std::string sha256_;
};

}  // namespace persona4rec
