// Titles of items, for reports. Thread-safe.
#pragma once

#include <string>
#include <unordered_map>

#include "io/artifacts.hpp"
#include "persona4rec/ids.hpp"

namespace persona4rec {

using ItemTitles = std::unordered_map<ItemId, std::string>;

// Puts the titles of 2_summary.jsonl where `titles` has a key; what the file does not name stays empty. No file: all
// do. Throws Error kInput.
void read_item_titles(const Workspace& workspace, ItemTitles& titles);

}  // namespace persona4rec
