#include "eval/ground_truth.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "io/jsonl_reader.hpp"
#include "io/lists/list_shape.hpp"
#include "io/lists/truth_reader.hpp"
#include "io/rows/json_elements.hpp"

namespace persona4rec {
namespace {

void note(LoadedTruth& loaded, const UserId& user, const ItemId& item) {
  ++(loaded.truth.add(user, item) ? loaded.counts.rows : loaded.counts.repeated_rows);
}

bool belongs_to(std::string_view split, World world, const RowView& view) {
  if (split != "train" && split != "valid" && split != "test" && split != "reference") {
    view.fail("split", "expected train, valid, test or reference, got \"" + std::string(split) + "\"");
  }
  return world == World::kValid ? split == "valid" : split == "test" || split == "reference";
}

void load_rows(LoadedTruth& loaded, std::unique_ptr<RowSource> rows, World world, std::uint64_t max_bad_rows) {
  JsonlReader reader(std::move(rows), {.max_bad_rows = max_bad_rows});
  const std::function<void(const RowView&)> take = [&](const RowView& view) {
    const auto row = read_row<GroundTruthRow>(view);
    const auto split = view.maybe_string("split");
    if (split && !belongs_to(*split, world, view)) {
      loaded.has_splits = true;
      ++loaded.counts.other_splits;
      return;
    }
    loaded.has_splits |= split.has_value();
    loaded.reference |= split == "reference";
    note(loaded, row.user_id, row.item_id);
  };
  while (reader.next(take)) {
  }
  loaded.counts.bad_rows = reader.bad_rows();
  loaded.sha256 = reader.sha256();
}

void load(LoadedTruth& loaded, LineSource source, ListFormat format, World world, std::uint64_t max_bad_rows) {
  const auto shape = find_shape(source, format);
  if (shape.kind == ListShape::Kind::kLists || shape.kind == ListShape::Kind::kRows) {
    return load_rows(loaded, open_json_rows(std::move(source), shape.is_array), world, max_bad_rows);
  }
  const auto take = [&](const UserId& user, const ItemId& item, bool relevant) {
    if (relevant) {
      note(loaded, user, item);
    } else {
      ++loaded.counts.not_relevant;
    }
  };
  auto file = read_truth(std::move(source), shape, max_bad_rows, take);
  loaded.counts.bad_rows = file.bad_rows;
  loaded.sha256 = std::move(file.sha256);
}

}  // namespace

bool GroundTruth::add(const UserId& user, const ItemId& item) {
  const auto [it, is_new] = index_.try_emplace(user, static_cast<std::uint32_t>(users_.size()));
  if (is_new) {
    users_.push_back(user);
    items_.emplace_back();
  }
  auto& items = items_[it->second];
  if (std::ranges::find(items, item) != items.end()) return false;
  items.push_back(item);
  return true;
}

std::optional<std::uint32_t> GroundTruth::find(const UserId& user) const {
  const auto it = index_.find(user);
  return it == index_.end() ? std::nullopt : std::optional(it->second);
}

LoadedTruth load_truth(const std::filesystem::path& path, ListFormat format, World world, std::uint64_t max_bad_rows) {
  LoadedTruth loaded;
  load(loaded, LineSource(path), format, world, max_bad_rows);
  if (loaded.truth.users().empty()) {
    throw input_error({.file = path.string()}, loaded.counts.other_splits > 0
                                                   ? "holds no target of world " + to_string(world)
                                                   : "holds no ground truth");
  }
  return loaded;
}

}  // namespace persona4rec
