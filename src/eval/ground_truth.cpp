#include "eval/ground_truth.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <utility>

#include "base/bulk/huge_pages.hpp"
#include "base/bulk/ordered_units.hpp"
#include "base/utf8.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/list_shape.hpp"
#include "io/lists/plain_list.hpp"
#include "io/lists/truth_reader.hpp"
#include "io/rows/json_elements.hpp"
#include "io/rows/row_parser.hpp"

namespace persona4rec {
namespace {

void note(LoadedTruth& loaded, bool is_new) {
  ++(is_new ? loaded.counts.rows : loaded.counts.repeated_rows);
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
  note(loaded, loaded.truth.add(row.user_id, row.item_id));
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
    TruthRow plain;         // without a user: not plain
    std::string_view text;  // in the block
  };
  LineBlock block;
  std::vector<Row> rows;
  std::unique_ptr<char[]> user_texts;  // of the plain rows
  std::unique_ptr<char[]> item_texts;
};

// Texts of a block on their way into as much memory as they need.
class TextPacker {
 public:
  void count(const IdText& id) { bytes_ += id.text().size(); }
  std::unique_ptr<char[]> make() {
    auto block = std::make_unique_for_overwrite<char[]>(bytes_);
    next_ = block.get();
    return block;
  }
  void move(IdText& id) {
    const auto text = id.text();
    std::memcpy(next_, text.data(), text.size());
    id = IdText(std::string_view(next_, text.size()));
    next_ += text.size();
  }

 private:
  std::size_t bytes_ = 0;
  char* next_ = nullptr;
};

void pack_texts(TruthBlock& unit) {
  TextPacker users;
  TextPacker items;
  for (const auto& row : unit.rows) {
    users.count(row.plain.user);
    items.count(row.plain.item);
  }
  unit.user_texts = users.make();
  unit.item_texts = items.make();
  for (auto& row : unit.rows) {
    if (row.plain.user.empty()) continue;
    users.move(row.plain.user);
    items.move(row.plain.item);
  }
}

void scan_rows(TruthBlock& unit) {
  unit.rows.clear();
  for (BlockLines lines(unit.block); !lines.at_end();) {
    const auto number = lines.number();
    PlainPair pair;
    if (const auto bytes = scan_plain_pair(lines.rest(), pair); bytes > 0) {
      lines.skip(bytes);
      unit.rows.push_back({number, {IdText(pair.user), IdText(pair.item), GroundTruth::hash_of(pair.user)}, {}});
    } else if (const auto line = lines.next(); !trim(line).empty()) {
      unit.rows.push_back({number, {}, line});
    }
  }
  pack_texts(unit);
}

// JSON Lines: read as a JsonlReader reads them, plain rows on several threads and without a parser.
class TruthLines {
 public:
  TruthLines(LoadedTruth& loaded, const LoadTruthOptions& options) : loaded_(loaded), options_(options) {}

  void load(LineSource& lines) {
    place_.file = lines.name();
    OrderedUnits<TruthBlock>({.take = [&](TruthBlock& unit) { return lines.next_block(unit.block); },
                              .make_worker = [] { return scan_rows; },
                              .give =
                                  [&](TruthBlock& unit) {
                                    if (options_.hash) lines.hash(unit.block);
                                    const bool is_first = rows_ == 0;
                                    take(unit);
                                    if (is_first) expect(unit, lines.bytes());
                                  },
                              .idle = {},
                              .would_wait = {},
                              .give_up = [&] { lines.stop(); }},
                             options_.threads)
        .run();
    if (rows_ == 0) throw empty_file_error(place_);
    if (options_.hash) loaded_.sha256 = lines.sha256();
  }

 private:
  // As many users in the whole file as in its first block, which was taken.
  void expect(const TruthBlock& unit, std::optional<std::uint64_t> bytes) {
    if (!bytes) return;
    const std::size_t blocks = *bytes / (unit.block.end - unit.block.begin) + 1;
    loaded_.truth.reserve(loaded_.truth.users().size() * blocks, unit.rows.size() * blocks);
  }

  // Where a user stands in the table is fetched some rows before it is needed.
  void take(TruthBlock& unit) {
    constexpr std::size_t kAhead = 8;
    const auto& rows = unit.rows;
    loaded_.truth.keep(std::move(unit.user_texts), std::move(unit.item_texts));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + kAhead < rows.size()) loaded_.truth.fetch(rows[i + kAhead].plain.hash);
      take(rows[i]);
    }
  }

  void take(const TruthBlock::Row& row) {
    if (row.plain.user.empty()) {
      place_.line = row.line;
      parse(std::string(row.text));
    } else {
      note(loaded_, loaded_.truth.add(row.plain));
    }
    ++rows_;
  }

  void parse(std::string line) {
    try {
      take_row(loaded_, parser_.parse(line, place_, rows_ == 0), options_.world);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput || loaded_.counts.bad_rows >= options_.max_bad_rows) throw;
      ++loaded_.counts.bad_rows;
    }
  }

  LoadedTruth& loaded_;
  const LoadTruthOptions& options_;
  RowParser parser_;
  Place place_;
  std::uint64_t rows_ = 0;  // bad ones too
};

void load(LoadedTruth& loaded, LineSource source, const LoadTruthOptions& options) {
  const auto& [format, world, max_bad_rows, threads, hash] = options;
  const auto shape = find_shape(source, format);
  if (shape.kind == ListShape::Kind::kLists || shape.kind == ListShape::Kind::kRows) {
    if (!shape.is_array) return TruthLines(loaded, options).load(source);
    return load_rows(loaded, std::make_unique<ElementRows>(std::move(source)), world, max_bad_rows);
  }
  const auto take = [&](const UserId& user, const ItemId& item, bool relevant) {
    if (relevant) {
      note(loaded, loaded.truth.add(user, item));
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

void GroundTruth::resize_table(std::size_t slots) {
  const auto old = std::exchange(slots_, {});
  reserve_huge(slots_, slots);
  slots_.resize(slots);
  for (const auto& slot : old) {
    if (slot.user == kEmpty) continue;
    std::size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].user != kEmpty) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

void GroundTruth::reserve(std::size_t users, std::size_t items) {
  users_.reserve(users);
  view_ = users_.texts();
  reserve_huge(ranges_, users);
  reserve_huge(items_, items);
  if (slots_.size() < 2 * users) resize_table(std::bit_ceil(2 * users));
}

void GroundTruth::fetch(std::uint32_t hash) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)], 1);
}

void GroundTruth::keep(std::unique_ptr<char[]> user_texts, std::unique_ptr<char[]> item_texts) {
  users_.keep(std::move(user_texts));
  item_texts_.keep(std::move(item_texts));
}

bool GroundTruth::add(const UserId& user, const ItemId& item) {
  const auto hash = hash_of(user.text());
  auto& slot = take_slot(user.text(), hash);
  if (slot.user == kEmpty) {
    users_.push_back(user);
    slot = {hash, note_user()};
  }
  const IdText text(item.text(), item.is_integer());
  return !has(slot.user, text) && append(slot.user, IdText(item_texts_.add(item.text()), item.is_integer()));
}

bool GroundTruth::add(const TruthRow& row) {
  auto& slot = take_slot(row.user.text(), row.hash);
  if (slot.user == kEmpty) {
    users_.push_kept(row.user);
    slot = {row.hash, note_user()};
  }
  return !has(slot.user, row.item) && append(slot.user, row.item);
}

// Where the user stands, or stands from now on.
GroundTruth::Slot& GroundTruth::take_slot(std::string_view user, std::uint32_t hash) {
  constexpr std::size_t kFirstSlots = 1024;
  if (2 * users_.size() >= slots_.size()) resize_table(std::max(kFirstSlots, 2 * slots_.size()));
  return slots_[slot_of(user, hash)];
}

// Of the user that users_ has got.
std::uint32_t GroundTruth::note_user() {
  view_ = users_.texts();
  ranges_.push_back({.begin = items_.size()});
  return static_cast<std::uint32_t>(ranges_.size() - 1);
}

bool GroundTruth::has(std::uint32_t user, const IdText& item) const {
  return std::ranges::any_of(items(user), [&](const IdText& had) { return had.text() == item.text(); });
}

// Behind the user's others. Where no room is left there they move, to twice as much. True, for add().
bool GroundTruth::append(std::uint32_t user, const IdText& item) {
  auto& range = ranges_[user];
  if (range.count == range.room && range.begin + range.room == items_.size()) {
    items_.emplace_back();
    ++range.room;
  } else if (range.count == range.room) {
    const auto begin = std::exchange(range.begin, items_.size());
    range.room *= 2;
    items_.resize(items_.size() + range.room);
    for (std::size_t i = 0; i < range.count; ++i) items_[range.begin + i] = items_[begin + i];
  }
  items_[range.begin + range.count++] = item;
  return true;
}

std::optional<std::uint32_t> GroundTruth::find(std::string_view user) const {
  if (slots_.empty()) return std::nullopt;
  const auto found = slots_[slot_of(user, hash_of(user))].user;
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
