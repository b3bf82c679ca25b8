// The personas of every item, looked up by item: an offset each in memory, the texts in a temporary file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "io/jsonl_reader.hpp"
#include "io/rows/row_spool.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {

// A persona as one text: what word vectors are made of.
[[nodiscard]] std::string persona_words_text(const Persona& persona);

// Thread-safety: const use from any thread.
class PersonaStore {
 public:
  // Reads 3.5_persona_with_summary; the temporary file lies beside `output`. `words`: of the vocabulary, without which
  // it stays empty. Throws Error kInput (an item twice).
  PersonaStore(const std::filesystem::path& path, const std::filesystem::path& output, std::uint64_t max_bad_rows,
               const std::optional<WordOptions>& words = std::nullopt);

  [[nodiscard]] bool has(const ItemId& item) const { return rows_.contains(item); }
  // The item's personas in order, with the JSON that each stands in, which lives for the call.
  void for_each_persona(const ItemId& item,
                        const std::function<void(const PersonaEntry&, std::string_view json)>& take) const;

  // Fitted on the texts of all personas.
  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
  [[nodiscard]] std::uint64_t bad_rows() const { return bad_rows_; }
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  // Of spool_.
  struct Rows {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  RowSpool spool_;  // a row for each persona
  std::unordered_map<ItemId, Rows> rows_;
  Vocabulary vocabulary_;
  std::uint64_t bad_rows_ = 0;
  std::string sha256_;
};

}  // namespace persona4rec
