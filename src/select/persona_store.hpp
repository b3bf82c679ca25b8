// The personas of every item, looked up by item: an offset each in memory, the texts in a temporary file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "io/jsonl_reader.hpp"
#include "io/rows/row_spool.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {

// A persona as one text: what word vectors are made of.
[[nodiscard]] std::string persona_words_text(const PersonaEntry& entry);

class PersonaStore {
 public:
  // Reads 3.5_persona_with_summary; the temporary file lies beside `output`. Throws Error kInput (an item twice).
  PersonaStore(const std::filesystem::path& path, const std::filesystem::path& output, std::uint64_t max_bad_rows);

  // Nothing when the item has no row.
  [[nodiscard]] std::optional<PersonaWithSummaryRow> find(const ItemId& item);

  // Fitted on the texts of all personas.
  [[nodiscard]] Vocabulary vocabulary(const WordOptions& options);

  [[nodiscard]] std::uint64_t bad_rows() const { return bad_rows_; }
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  RowSpool spool_;
  std::unordered_map<ItemId, std::uint32_t> rows_;
  std::uint64_t bad_rows_ = 0;
  std::string sha256_;
};

}  // namespace persona4rec
