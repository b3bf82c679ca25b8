// The cache's tables: which row, persona and user is which.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "profiles/interaction_rows.hpp"
#include "profiles/persona_table.hpp"

namespace persona4rec {

// uids.txt, index.json (the uids that a user liked, newest first: `liked` is of world test), rows.jsonl.
void write_row_tables(const InteractionRows& rows, const GroupedRows& liked, const std::filesystem::path& folder);

// uids.txt, business_id_to_uids.json (items that have personas), personas.jsonl (+).
void write_persona_tables(const PersonaTable& personas, const InteractionRows& rows,
                          const std::filesystem::path& folder);

// (+) users.jsonl: the users of a world's profile rows, with how many interactions they liked; users.ids.*: the same
// ids, to be mapped; liked.*: the rows of user_item that they liked, newest first.
void write_user_tables(const InteractionRows& rows, const GroupedRows& liked, std::span<const std::uint32_t> users,
                       const std::filesystem::path& folder);

}  // namespace persona4rec
