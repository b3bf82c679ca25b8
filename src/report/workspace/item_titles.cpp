#include "report/workspace/item_titles.hpp"

#include <filesystem>
#include <functional>

#include "io/jsonl_reader.hpp"

namespace persona4rec {

void read_item_titles(const Workspace& workspace, ItemTitles& titles) {
  if (!std::filesystem::is_regular_file(workspace.summary())) return;
  JsonlReader reader(workspace.summary(), {.allow_empty_file = true});
  const std::function<void(const RowView&)> take = [&](const RowView& view) {
    const auto found = titles.find(view.id<ItemId>("item_id"));
    if (found != titles.end()) found->second = view.maybe_string("item_title").value_or("");
  };
  while (reader.next(take)) {
  }
}

}  // namespace persona4rec
