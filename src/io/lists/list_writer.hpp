// Lists as text in any format that lists are written in; io/lists/candidate_lists.hpp reads them all.
// Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/lists/plain_list.hpp"
#include "persona4rec/list_format.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// A candidate of a reranked list: a RerankedCandidate without memory of its own.
struct RerankedItem {
  PlainItem candidate;  // with its own score
  double score = 0;
  std::uint64_t base_rank = 0;
  const PersonaId* persona_id = nullptr;  // null: none speaks
  const std::string* persona_name = nullptr;
  double persona_score = 0;
};
struct RerankedItems {
  std::string_view user;
  bool user_is_integer = false;
  std::vector<RerankedItem> items;
};

// `asked`, or with kByName what the name says, a ".gz" behind it passed over: .trec and .run, .csv, .tsv, .jsonl; of
// any other name `otherwise`. Never kByName.
[[nodiscard]] ListOutput output_format(const std::filesystem::path& path, ListOutput asked, ListOutput otherwise);

[[nodiscard]] std::string to_string(ListOutput format);  // "jsonl", "trec", "csv", "tsv"

// The first line of a file: the columns of CSV and TSV, else "".
[[nodiscard]] std::string_view list_header(ListOutput format);
[[nodiscard]] std::string_view reranked_header(ListOutput format);

// Appends a list. CSV and TSV: a row a candidate, user_id,item_id,score, quoted as RFC 4180 has it; reranked lists have
// persona_id, persona_name, persona_score, base_score and base_rank behind it. TREC: io/lists/trec_writer.hpp; `tag` is
// the runs' last field. Throws Error kInput for an id that TREC cannot carry. REQUIRES: format is not kByName.
void append_list(std::string& text, const CandidateRow& list, ListOutput format, std::string_view tag);
void append_reranked(std::string& text, const RerankedItems& list, ListOutput format);

}  // namespace persona4rec
