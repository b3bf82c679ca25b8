#include "rerank/serving_cache.hpp"

#include <unordered_set>
#include <utility>

#include "base/version.hpp"
#include "io/artifacts.hpp"
#include "io/cache/cache_names.hpp"
#include "io/folder_lock.hpp"
#include "io/json_file.hpp"
#include "io/jsonl_reader.hpp"
#include "io/provenance.hpp"
#include "matching/weights_json.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw input_error({.file = path.string()}, what + ": run `persona4rec cache` again");
}

// Runs `open`, whose errors about single files then say what to do.
void open_files(const auto& open) {
  try {
    open();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInput) throw;
    throw Error(ErrorKind::kInput, std::string(error.what()) + ": run `persona4rec cache` again");
  }
}

constexpr JsonField kFolderFields[] = {{"build", JsonKind::kText}, {"encoder", JsonKind::kText}};
// Rows are numbered in 32 bits; no encoder has so many dimensions. Their product with a value's size does not overflow.
constexpr std::size_t kMostRows = UINT32_MAX;
constexpr std::size_t kMostDimensions = std::size_t{1} << 20U;

// A count in a cache_meta.json.
std::size_t count_at(const Json& meta, const char* name, const fs::path& folder, std::size_t most = kMostRows) {
  const auto it = meta.find(name);
  if (it == meta.end() || !it->is_number_unsigned() || it->get<std::uint64_t>() > most) {
    refuse(folder / cache_names::kMeta,
           std::string("field \"") + name + "\": expected a count of at most " + std::to_string(most));
  }
  return it->get<std::size_t>();
}

// The id of the build, as a meta file of the whole says.
std::string build_of(const Json& meta) {
  return meta.is_object() ? meta.value("options", Json::object()).value("build", "") : "";
}

// As one of its folders says.
std::string build_of(const fs::path& folder) {
  const auto path = folder / cache_names::kMeta;
  if (!fs::exists(path)) return {};
  const Json meta = read_json_file(path);
  check_fields(meta, {.file = path.string()}, kFolderFields);
  return meta.value("build", "");
}

}  // namespace

ServingCache::ServingCache(const fs::path& folder, World world) : folder_(folder), world_(world) {
  const FolderLock lock = FolderLock::for_opening(folder);  // all of it or the one before, beside a writer
  const CacheFiles files{folder};
  read_metas();
  const auto words = folder_meta(files.words());
  const auto profiles = folder_meta(files.user_profile(world).parent_path());
  const auto personas = folder_meta(files.item_persona());
  (void)folder_meta(files.user_item());
  const auto user_rows = count_at(profiles, ("rows_" + to_string(world)).c_str(), files.user_profile(world));
  dimensions_ = count_at(personas, "dim", files.item_persona(), kMostDimensions);
  of_one_item_side_ = words.contains("terms");
  terms_ = count_at(words, of_one_item_side_ ? "terms" : ("terms_" + to_string(world)).c_str(), files.words());
  read_items(count_at(words, "rows", files.words()));
  read_personas(count_at(personas, "rows", files.item_persona()));
  read_users(user_rows);
}

// The meta file that is of the folder's build: the next one's where a build was killed between swapping the folder and
// renaming that file (cache/cache_folders.hpp). Without one the cache was cut short, whatever lies in the folder.
void ServingCache::read_metas() {
  if (!fs::is_directory(folder_)) {
    throw input_error({.file = folder_.string()}, "is no cache folder: " + make_text(folder_));
  }
  meta_ = read_meta(folder_);
  if (const Json next = read_meta(next_cache(folder_)); next.is_object()) {
    const auto build = build_of(CacheFiles{folder_}.item_persona());
    if (build_of(meta_) != build && build_of(next) == build) meta_ = next;
  }
  if (!meta_.is_object()) refuse(folder_, "the cache is incomplete (" + meta_path(folder_).string() + " is missing)");
  if (const auto made_by = meta_.value("version", ""); is_newer_major(made_by)) {
    refuse(folder_, "was made by persona4rec " + made_by + ", which this version (" + std::string(version()) +
                        ") cannot read: use that one, or with this one");
  }
  const Json options = meta_.value("options", Json::object());
  build_ = options.value("build", "");
  has_head_ = options.value("has_head", false);
  if (const Json weights = options.value("weights", Json()); weights.is_object()) {
    head_weights_ = read_head_weights(weights, meta_path(folder_).string());
  }
  if (const Json contract = options.value("head_contract", Json()); has_head_ && contract.is_object()) {
    if (const Json alpha = contract.value("alpha", Json()); alpha.is_number()) head_alpha_ = alpha.get<double>();
  }
}

Json ServingCache::folder_meta(const fs::path& folder) const {
  const auto path = folder / cache_names::kMeta;
  if (!fs::exists(path)) refuse(folder, "the cache is incomplete (" + path.string() + " is missing)");
  Json meta = read_json_file(path);
  check_fields(meta, {.file = path.string()}, kFolderFields);
  if (build_.empty() || meta.value("build", "") != build_) {
    const auto encoder = meta_.value("lineage", Json::object()).value("encoder", "");
    refuse(folder, meta.value("encoder", "") != encoder ? "is another encoder's cache than " + folder_.string()
                                                        : "is of another build than " + meta_path(folder_).string());
  }
  return meta;
}

void ServingCache::read_items(std::size_t rows) {
  const auto folder = CacheFiles{folder_}.words();
  JsonlReader reader(folder / cache_names::kItems, {.allow_empty_file = true});
  while (reader.next([&](const RowView& view) {
    const auto row = static_cast<std::uint32_t>(items_.size());
    if (item_ids_.intern(view.id<ItemId>("item_id").text()) != row) view.fail("item_id", "expected each item once");
    items_.push_back({.words_row = row});
    if (items_.size() > rows) {
      view.fail("item_id", "expected " + std::to_string(rows) + " items, as cache_meta.json says");
    }
  })) {
  }
  if (items_.size() != rows) refuse(folder / cache_names::kItems, "expected " + std::to_string(rows) + " items");
  open_files([&] {
    item_words_ = MappedSparseMatrix(folder, cache_names::item_matrix(item_world()), rows);
    if (has_persona_words()) {
      item_persona_words_ = MappedSparseMatrix(folder, cache_names::persona_words_matrix(item_world()), rows);
    }
  });
}

void ServingCache::read_personas(std::size_t rows) {
  const auto folder = CacheFiles{folder_}.item_persona();
  std::unordered_set<std::size_t> seen;  // by hash: 8 bytes a persona
  JsonlReader reader(folder / cache_names::kPersonaRows, {.allow_empty_file = true});
  while (reader.next([&](const RowView& view) {
    const auto item = item_ids_.find(view.id<ItemId>("item_id").text());
    if (!item) view.fail("item_id", "expected an item of words/items.jsonl");
    const auto index = static_cast<std::uint32_t>(persona_ids_.size());
    auto& personas = items_[*item].personas;
    if (personas.count == 0) personas.first = index;
    if (personas.end() != index) view.fail("item_id", "expected an item's personas together");
    ++personas.count;
    persona_ids_.push_back(view.id<PersonaId>("uid"));
    if (!seen.insert(std::hash<PersonaId>{}(persona_ids_.back())).second) {
      view.fail("uid", "expected each persona once");
    }
    if (persona_ids_.size() > rows) {
      view.fail("uid", "expected " + std::to_string(rows) + " personas, as cache_meta.json says");
    }
    persona_names_.emplace_back(view.string("name"));
  })) {
  }
  if (persona_ids_.size() != rows) {
    refuse(folder / cache_names::kPersonaRows, "expected " + std::to_string(rows) + " personas");
  }
  open_files([&] {
    frozen_.personas = PersonaRows(folder / cache_names::personas_file(item_world()), rows, dimensions_);
    if (has_head_) {
      head_.personas = PersonaRows(folder / cache_names::persona_head_file(item_world()), rows, dimensions_);
    }
  });
}

void ServingCache::read_users(std::size_t rows) {
  const auto folder = CacheFiles{folder_}.user_profile(world_);
  const bool has_table = IdTable::exists(folder, cache_names::kUserIds);
  if (!has_table) users_ = IdTable(read_user_ids(rows));
  open_files([&] {
    if (has_table) users_ = IdTable(folder, cache_names::kUserIds, rows);
    frozen_.users = MappedHalfMatrix(folder / cache_names::kFrozenProfiles, rows, dimensions_);
    if (has_head_) head_.users = MappedHalfMatrix(folder / cache_names::kHeadProfiles, rows, dimensions_);
    user_words_ = MappedSparseMatrix(CacheFiles{folder_}.words(), cache_names::user_matrix(world_), rows);
  });
}

// Of an older cache, which has no table to map.
std::vector<std::string> ServingCache::read_user_ids(std::size_t rows) const {
  const auto path = CacheFiles{folder_}.user_profile(world_) / cache_names::kUsers;
  std::vector<std::string> ids;
  std::unordered_set<std::string> seen;
  JsonlReader reader(path, {.allow_empty_file = true});
  while (reader.next([&](const RowView& view) {
    ids.push_back(view.id<UserId>("user_id").text());
    if (!seen.insert(ids.back()).second) view.fail("user_id", "expected each user once");
    if (ids.size() > rows) {
      view.fail("user_id", "expected " + std::to_string(rows) + " users, as cache_meta.json says");
    }
  })) {
  }
  if (ids.size() != rows) refuse(path, "expected " + std::to_string(rows) + " users");
  return ids;
}

void ServingCache::store_vectors(VectorStorage storage, const FusionWeights& weights) {
  if (weights.persona != 0) frozen_.personas.store(storage);
  if (weights.head != 0) head_.personas.store(storage);
}

const ItemEntry* ServingCache::find_item(std::string_view item) const {
  const auto number = item_ids_.find(item);
  return number ? &items_[*number] : nullptr;
}

std::optional<std::uint32_t> ServingCache::find_user(std::string_view user) const {
  return users_.find(user);
}

}  // namespace persona4rec
