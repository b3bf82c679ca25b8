// The interactions that the cache holds a vector of, one row a uid, and who may use which
// (docs/method.md, 1.2 Numberings).
//
// Interactions with equal uids share the row of the one that the strictest world may see (item side, then world valid,
// then world test; then the first in the file): a held-out text never stands for one that is not held out.
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "matching/grouped_rows.hpp"
#include "matching/item_side.hpp"
#include "matching/numberings.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

// Who may use a row, strictest first.
enum class RowAccess : std::uint8_t {
  kItemSide,  // the item side
  kValid,     // histories of both worlds
  kTest,      // histories of world test alone
};
inline constexpr RowAccess kRowAccesses[] = {RowAccess::kItemSide, RowAccess::kValid, RowAccess::kTest};

struct InteractionRows {
  Interactions data;
  Split split;
  std::vector<Uid> uid_of_interaction;
  std::vector<Uid> plain_uid_of_interaction;      // without text; empty = uid_of_interaction are
  std::vector<std::uint32_t> row_of_interaction;  // kNoRow = no world may use it
  std::vector<std::uint32_t> interaction_of_row;  // whose text and rating the row has; ascending
  std::vector<std::uint32_t> user_of_row;
  std::vector<std::uint32_t> item_of_row;
  std::vector<std::uint8_t> item_side_of_row;
  std::vector<RowAccess> access_of_row;
  std::uint64_t colliding = 0;  // interactions that share another's row

  [[nodiscard]] std::size_t rows() const { return interaction_of_row.size(); }
  [[nodiscard]] RowsView view() const { return {user_of_row, item_of_row, item_side_of_row}; }
  [[nodiscard]] std::string uid_text(std::size_t row) const;  // 16 hex digits
  // The uid without any text, whatever the files' are: what serving contracts compare.
  [[nodiscard]] Uid plain_uid(std::size_t i) const {
    return plain_uid_of_interaction.empty() ? uid_of_interaction[i] : plain_uid_of_interaction[i];
  }

  // Every user's liked rows, newest first: those of a world's history, or those of its item side.
  [[nodiscard]] GroupedRows liked(World world) const;
  [[nodiscard]] GroupedRows liked_item_side(World world = World::kValid) const;
  // [rows] 1 = on the world's item side (docs/method.md, 2.2 Worlds and sides): in world valid that of the personas'
  // texts and the head, in world test the histories of world test too.
  [[nodiscard]] std::vector<std::uint8_t> item_side(World world) const;
};

// Decides which interactions have rows, and the members from row_of_interaction on. REQUIRES: those before are there.
void number_rows(InteractionRows& rows);

// The published uid, 16 hex digits (records/review_uid.hpp), as its 64 bits.
[[nodiscard]] Uid uid_of(const std::string& hex);

}  // namespace persona4rec
