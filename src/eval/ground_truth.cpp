#include "eval/ground_truth.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/bulk/ordered_units.hpp"
#include "base/bulk/quick_hash.hpp"
#include "base/utf8.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/list_shape.hpp"
#include "io/lists/plain_list.hpp"
#include "io/lists/truth_reader.hpp"
#include "io/rows/json_elements.hpp"
#include "io/rows/row_parser.hpp"

namespace persona4rec {
namespace {

void note(LoadedTruth& loaded, UserId user, ItemId item) {
  ++(loaded.truth.add(std::move(user), std::move(item)) ? loaded.counts.rows : loaded.counts.repeated_rows);
}

bool belongs_to(std::string_view split, World world, const RowView& view) {
  if (split != "train" && split != "valid" && split != "test" && split != "reference") {
    view.fail("split", "expected train, valid, test or reference, got \"" + std::string(split) + "\"");
  }
  return world == World::kValid ? split == "valid" : split == "test" || split == "reference";
}

void take_row(LoadedTruth& loaded, const RowView& view, World world) {
  auto row = read_row<GroundTruthRow>(view);
  const auto split = view.maybe_string("split");
  if (split && !belongs_to(*split, world, view)) {
    loaded.has_splits = true;
    ++loaded.counts.other_splits;
    return;
  }
  loaded.has_splits |= split.has_value();
  loaded.reference |= split == "reference";
  note(loaded, std::move(row.user_id), std::move(row.item_id));
}

void load_rows(LoadedTruth& loaded, std::unique_ptr<RowSource> rows, World world, std::uint64_t max_bad_rows) {
  JsonlReader reader(std::move(rows), {.max_bad_rows = max_bad_rows});
  const std::function<void(const RowView&)> take = [&](const RowView& view) { take_row(loaded, view, world); };
  while (reader.next(take)) {
  }
  loaded.counts.bad_rows = reader.bad_rows();
  loaded.sha256 = reader.sha256();
}

// A block of lines with its plain rows; the others are left to the parser.
struct TruthBlock {
  struct Row {
    std::uint64_t line = 0;
    UserId user;            // empty: not plain
    ItemId item;            //
    std::string_view text;  // in the block
  };
  LineBlock block;
  std::vector<Row> rows;
};

void scan_rows(TruthBlock& unit) {
  unit.rows.clear();
  for (BlockLines lines(unit.block); !lines.at_end();) {
    const auto number = lines.number();
    PlainPair pair;
    if (const auto bytes = scan_plain_pair(lines.rest(), pair); bytes > 0) {
      lines.skip(bytes);
      unit.rows.push_back({number, UserId(std::string(pair.user)), ItemId(std::string(pair.item)), {}});
    } else if (const auto line = lines.next(); !trim(line).empty()) {
      unit.rows.push_back({number, UserId(), ItemId(), line});
    }
  }
}

// JSON Lines: read as a JsonlReader reads them, plain rows on several threads and without a parser.
class TruthLines {
 public:
  TruthLines(LoadedTruth& loaded, World world, std::uint64_t max_bad_rows)
      : loaded_(loaded), world_(world), max_bad_rows_(max_bad_rows) {}

  void load(LineSource& lines, std::size_t threads) {
    place_.file = lines.name();
    OrderedUnits<TruthBlock>({.take = [&](TruthBlock& unit) { return lines.next_block(unit.block); },
                              .make_worker = [] { return scan_rows; },
                              .give =
                                  [&](TruthBlock& unit) {
                                    lines.hash(unit.block);
                                    take(unit.rows);
                                  },
                              .idle = {},
                              .would_wait = {},
                              .give_up = [&] { lines.stop(); }},
                             threads)
        .run();
    if (rows_ == 0) throw empty_file_error(place_);
    loaded_.sha256 = lines.sha256();
  }

 private:
  // Where a user stands in the table is fetched some rows before it is needed.
  void take(std::span<TruthBlock::Row> rows) {
    constexpr std::size_t kAhead = 8;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + kAhead < rows.size()) loaded_.truth.fetch(rows[i + kAhead].user.text());
      take(rows[i]);
    }
  }

  void take(TruthBlock::Row& row) {
    place_.line = row.line;
    if (row.user.empty()) {
      parse(std::string(row.text));
    } else {
      note(loaded_, std::move(row.user), std::move(row.item));
    }
    ++rows_;
  }

  void parse(std::string line) {
    try {
      take_row(loaded_, parser_.parse(line, place_, rows_ == 0), world_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput || loaded_.counts.bad_rows >= max_bad_rows_) throw;
      ++loaded_.counts.bad_rows;
    }
  }

  LoadedTruth& loaded_;
  World world_;
  std::uint64_t max_bad_rows_;
  RowParser parser_;
  Place place_;
  std::uint64_t rows_ = 0;  // bad ones too
};

void load(LoadedTruth& loaded, LineSource source, const LoadTruthOptions& options) {
  const auto& [format, world, max_bad_rows, threads] = options;
  const auto shape = find_shape(source, format);
  if (shape.kind == ListShape::Kind::kLists || shape.kind == ListShape::Kind::kRows) {
    if (!shape.is_array) return TruthLines(loaded, world, max_bad_rows).load(source, threads);
    return load_rows(loaded, std::make_unique<ElementRows>(std::move(source)), world, max_bad_rows);
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

// Where the user stands, or may be put.
std::size_t GroundTruth::slot_of(std::string_view user, std::uint32_t hash) const {
  for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
    const auto& slot = slots_[at];
    if (slot.user == kEmpty || (slot.hash == hash && view_[slot.user].text() == user)) return at;
  }
}

void GroundTruth::grow() {
  constexpr std::size_t kFirstSlots = 1024;
  const auto old = std::exchange(slots_, std::vector<Slot>(std::max(kFirstSlots, 2 * slots_.size())));
  for (const auto& slot : old) {
    if (slot.user == kEmpty) continue;
    std::size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].user != kEmpty) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

void GroundTruth::fetch(std::string_view user) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[static_cast<std::uint32_t>(quick_hash(user)) & (slots_.size() - 1)]);
}

bool GroundTruth::add(UserId user, ItemId item) {
  if (2 * users_.size() >= slots_.size()) grow();
  const auto hash = static_cast<std::uint32_t>(quick_hash(user.text()));
  auto& slot = slots_[slot_of(user.text(), hash)];
  if (slot.user == kEmpty) {
    slot = {hash, static_cast<std::uint32_t>(users_.size())};
    users_.push_back(std::move(user));
    view_ = users_;
    ranges_.push_back({.begin = items_.size()});
  }
  const auto had = items(slot.user);
  if (std::ranges::find(had, item) != had.end()) return false;
  append(ranges_[slot.user], std::move(item));
  return true;
}

// Behind the user's others. Where no room is left there they move, to twice as much.
void GroundTruth::append(ItemRange& range, ItemId item) {
  if (range.count == range.room && range.begin + range.room == items_.size()) {
    items_.emplace_back();
    ++range.room;
  } else if (range.count == range.room) {
    const auto begin = std::exchange(range.begin, items_.size());
    range.room *= 2;
    items_.resize(items_.size() + range.room);
    for (std::size_t i = 0; i < range.count; ++i) items_[range.begin + i] = std::exchange(items_[begin + i], ItemId());
  }
  items_[range.begin + range.count++] = std::move(item);
}

std::optional<std::uint32_t> GroundTruth::find(std::string_view user) const {
  if (slots_.empty()) return std::nullopt;
  const auto found = slots_[slot_of(user, static_cast<std::uint32_t>(quick_hash(user)))].user;
  return found == kEmpty ? std::nullopt : std::optional(found);
}

LoadedTruth load_truth(const std::filesystem::path& path, const LoadTruthOptions& options) {
  LoadedTruth loaded;
  load(loaded, LineSource(path), options);
  if (loaded.truth.users().empty()) {
    throw input_error({.file = path.string()}, loaded.counts.other_splits > 0
                                                   ? "holds no target of world " + to_string(options.world)
                                                   : "holds no ground truth");
  }
  return loaded;
}

}  // namespace persona4rec
