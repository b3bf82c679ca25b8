// Personas that the offline provider wrote, as it would have written them without one of the users behind them: what a
// training sample sees of its persona's text holds no trace of its own user (docs/method.md, 6.1 Samples).
//
// An item's personas count as the offline provider's where it writes all of them again, word for word, from the reviews
// of 2.5_grouped; others are left alone. Groups stay as they are, less the user's reviews: names and quotes are made
// anew, counted affinities counted without the user.
// Thread-safety: find() from any thread; for_each_text() from one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/rows/row_spool.hpp"
#include "persona4rec/train.hpp"
#include "profiles/persona_table.hpp"

namespace persona4rec {

// A persona that is to be read without a user.
struct PersonaWithout {
  std::uint32_t persona = 0;
  std::uint32_t user = 0;
};

class RewrittenPersonas {
 public:
  // `wanted`: users who wrote some of their persona's support. Reads `personas` once and `grouped` twice. Of an item
  // with many reviews only the first texts are made, so that the work is linear in the reviews. Throws Error kInput,
  // kOutput (a full disk).
  RewrittenPersonas(const TrainOptions& options, const InteractionRows& rows, const PersonaTable& table,
                    const InputFile& personas, const InputFile& grouped, const std::vector<PersonaWithout>& wanted);

  [[nodiscard]] std::size_t size() const { return index_.size(); }
  // Number of the text, below size(); nothing where there is none.
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t persona, std::uint32_t user) const;

  // Calls take(number, text) for each; another pass over `personas`, the file that they were made of. `rows`: the same.
  void for_each_text(const InteractionRows& rows, JsonlReader& personas, const ProfileText& texts,
                     const std::function<void(std::size_t, std::string&&)>& take);

 private:
  friend class PersonaRewriter;

  GroupedRows liked_;  // [users] item-side rows
  std::unordered_map<std::uint64_t, std::uint32_t> index_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> of_persona_;  // numbers
  std::vector<std::uint32_t> users_;                                          // [size()]
  RowSpool texts_;                                                            // [size()]
};

}  // namespace persona4rec
