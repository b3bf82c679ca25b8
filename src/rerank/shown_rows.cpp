#include "rerank/shown_rows.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include "io/artifacts.hpp"
#include "io/cache/cache_names.hpp"
#include "io/cache/mapped_lists.hpp"
#include "io/json_file.hpp"
#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"
#include "records/review_uid.hpp"

namespace persona4rec {
namespace {

void read_support(const CacheFiles& files, const std::unordered_set<std::string>& personas, ShownRows& rows) {
  JsonlReader reader(files.item_persona() / cache_names::kPersonaRows, {.allow_empty_file = true});
  while (reader.next([&](const RowView& view) {
    const std::string id = view.id<PersonaId>("uid").text();
    if (!personas.contains(id)) return;
    auto& support = rows.support[id];
    for (const auto uid : view.array("support")) {
      std::string_view text;
      if (uid.get(text) != simdjson::SUCCESS) view.fail("support", "expected an array of strings");
      support.emplace_back(text);
    }
  })) {
  }
}

// Of a cache without tables to map: by index.json, which is in the order of world test and holds the history of world
// valid too.
std::vector<std::uint32_t> liked_rows_of_older(const ServingCache& cache, const UserId& user) {
  const auto folder = CacheFiles{cache.folder()}.user_item();
  const auto path = folder / cache_names::kIndex;
  const Json index = read_json_file(path);
  const Json uids = index.is_object() ? index.value(user.text(), Json::array()) : Json();
  const auto is_text = [](const Json& uid) { return uid.is_string(); };
  if (!uids.is_array() || !std::ranges::all_of(uids, is_text)) {
    throw input_error({.file = path.string(), .field = user.text()}, "expected an object of lists of uids");
  }
  std::unordered_map<std::string, std::optional<std::uint32_t>> row_of;
  for (const auto& uid : uids) row_of[uid.get<std::string>()];
  std::uint32_t row = 0;
  JsonlReader reader(folder / cache_names::kRows);
  while (reader.next([&](const RowView& view) {
    const bool in_world = cache.world() == World::kTest || view.maybe_string("world") == to_string(World::kValid);
    const auto found = row_of.find(std::string(view.string("uid")));
    if (in_world && found != row_of.end()) found->second = row;
    ++row;
  })) {
  }
  std::vector<std::uint32_t> rows;
  for (const auto& uid : uids) {
    if (const auto found = row_of.at(uid.get<std::string>())) rows.push_back(*found);
  }
  return rows;
}

// The rows of user_item that the user liked in the cache's world, newest first.
std::vector<std::uint32_t> liked_rows(const ServingCache& cache, const UserId& user) {
  const auto row = cache.find_user(user);
  if (!row) return {};
  const auto folder = CacheFiles{cache.folder()}.user_profile(cache.world());
  const auto begin_path = folder / cache_names::begin_file(cache_names::kLikedRows);
  if (!std::filesystem::exists(begin_path)) return liked_rows_of_older(cache, user);
  const auto rows_path = folder / cache_names::rows_file(cache_names::kLikedRows);
  const MappedLists<std::uint32_t> lists(begin_path, rows_path, cache.users());
  const auto rows = lists[*row];
  return {rows.begin(), rows.end()};
}

// The lines of uids.txt that stand at these rows: 16 digits each.
std::vector<std::pair<std::string, std::uint32_t>> with_uids(const std::filesystem::path& path,
                                                             std::span<const std::uint32_t> rows) {
  constexpr std::size_t kLine = kUidDigits + 1;
  const MappedFile file(path);
  std::vector<std::pair<std::string, std::uint32_t>> found;
  for (const auto row : rows) {
    if ((row + std::size_t{1}) * kLine > file.text().size()) {
      throw input_error({.file = path.string()}, "expected a line for row " + std::to_string(row));
    }
    found.emplace_back(file.text().substr(row * kLine, kUidDigits), row);
  }
  return found;
}

}  // namespace

ShownRows read_shown_rows(const ServingCache& cache, const std::unordered_set<std::string>& personas,
                          const UserId& user) {
  const CacheFiles files{cache.folder()};
  ShownRows rows;
  read_support(files, personas, rows);
  auto liked = liked_rows(cache, user);
  const auto k_recent = cache.meta().value("options", Json::object()).value("k_recent", std::size_t{0});
  liked.resize(std::min(liked.size(), k_recent));
  rows.liked = with_uids(files.user_item() / cache_names::kUids, liked);
  for (const auto& [id, support] : rows.support) rows.wanted.insert(support.begin(), support.end());
  for (const auto& entry : rows.liked) rows.wanted.insert(entry.first);
  const auto vectors = files.user_item() / cache_names::kInteractions;
  const auto count = MappedFile(vectors).bytes().size() / std::max<std::size_t>(1, cache.dimensions() * sizeof(Half));
  rows.interactions = MappedHalfMatrix(vectors, count, cache.dimensions());
  for (const auto& [uid, row] : rows.liked) {
    if (row >= count) throw input_error({.file = vectors.string()}, "expected a vector for row " + std::to_string(row));
  }
  return rows;
}

}  // namespace persona4rec
