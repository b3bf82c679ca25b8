// Candidate lists as views of the text that they stand in, for who passes over many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persona4rec/records.hpp"

namespace persona4rec {

// A Candidate without memory of its own.
struct PlainItem {
  std::string_view id;
  bool id_is_integer = false;
  bool has_persona = false;  // with a base rank alone
  std::optional<double> score = std::nullopt;
  std::optional<std::uint64_t> base_rank = std::nullopt;

  [[nodiscard]] bool is_pad() const { return id == "[PAD]"; }
};

// A list; views are valid as long as the text.
struct PlainList {
  std::string_view user;
  bool user_is_integer = false;
  std::vector<PlainItem> items;
};

struct PlainListOptions {
  bool scores = false;      // are read; else left out
  bool base_ranks = false;  // the same of base_rank and has_persona
};

// Reads a row of candidate.jsonl or reranked.jsonl whose JSON is plain: no escapes, no control characters, ids that are
// strings or whole numbers. The row is the first line of `text`, whose bytes, its end among them, are the result. Every
// one is checked: 0 for whatever else it is, wrong or right, which RowParser and read_row<CandidateRow> tell apart;
// what is taken here they read alike. Thread-safety: re-entrant.
[[nodiscard]] std::size_t scan_plain_list(std::string_view text, const PlainListOptions& options, PlainList& list);

// {"user_id": "u", "item_id": "i"}
struct PlainPair {
  std::string_view user;
  std::string_view item;
};
// The same of a row of ground truth that has these two fields alone, both strings.
[[nodiscard]] std::size_t scan_plain_pair(std::string_view text, PlainPair& pair);

// The same views of a row that was read already.
void view_list(const CandidateRow& row, PlainList& list);

}  // namespace persona4rec
