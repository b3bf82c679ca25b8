// The numberings of what people did (docs/method.md, 1.2 Numberings). Each has one word, and a vector is named after
// what it maps: row_of_interaction[interaction], item_of_row[row], item_of_doc[doc], personas_of_item[item].
//
//   interaction, row, doc (the document), user, item, persona: places, std::uint32_t
//   uid: a published name and no place, so a type of its own; several interactions may share one
#pragma once

#include <cstdint>

namespace persona4rec {

enum class Uid : std::uint64_t {};

// "This interaction has no row": no world may use it.
inline constexpr std::uint32_t kNoRow = UINT32_MAX;

}  // namespace persona4rec
