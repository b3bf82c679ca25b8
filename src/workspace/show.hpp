// show: all that a workspace knows about one item or one user, with titles, as far as its stages have run.
//
// Reads   1_aspects, 2_summary, 3_personas, 3.5_history, 3.5_targets, 4_selected_personas, reranked, one row at a time;
//         those that are missing are named under "missing" with the command that makes them. Writes nothing.
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "persona4rec/dataset.hpp"
#include "persona4rec/ids.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

struct ShowOptions {
  std::filesystem::path workspace;
  std::optional<TimeFormat> time;  // of the artifacts; nothing = as their meta files say
  std::size_t most = 5;            // reviews, matches and list positions shown; 0 = all
};

// {item_id, title, summary, reviews: {count, shown}, personas, matches: {count, shown}, lists, missing}.
// Throws Error kInput when no artifact has the item.
[[nodiscard]] Json show_item(const ShowOptions& options, const ItemId& item);

// {user_id, history: {count, shown}, targets, matches: {count, shown}, list, missing}. Throws as show_item.
[[nodiscard]] Json show_user(const ShowOptions& options, const UserId& user);

}  // namespace persona4rec
