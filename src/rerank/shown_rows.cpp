#include "rerank/shown_rows.hpp"

#include "io/artifacts.hpp"
#include "io/cache_names.hpp"
#include "io/json_file.hpp"
#include "io/jsonl_reader.hpp"

namespace persona4rec {
namespace {

void read_support(const CacheFiles& files, const std::unordered_set<std::string>& personas, ShownRows& rows) {
  JsonlReader reader(files.item_persona() / cache_names::kPersonaRows, {.allow_empty_file = true});
  while (reader.next([&](const RowView& view) {
    const std::string id = view.id<PersonaId>("uid").text();
    if (!personas.contains(id)) return;
    auto& support = rows.support[id];
    for (const auto uid : view.array("support")) support.emplace_back(std::string_view(uid));
  })) {
  }
}

// index.json is in the order of world test, which holds the history of world valid too.
std::vector<std::string> liked_uids(const CacheFiles& files, const UserId& user) {
  const Json index = read_json_file(files.user_item() / cache_names::kIndex);
  const auto it = index.find(user.text());
  return it == index.end() ? std::vector<std::string>() : it->get<std::vector<std::string>>();
}

}  // namespace

ShownRows read_shown_rows(const ServingCache& cache, const std::unordered_set<std::string>& personas,
                          const UserId& user) {
  const CacheFiles files{cache.folder()};
  ShownRows rows;
  read_support(files, personas, rows);
  const auto liked = liked_uids(files, user);
  std::unordered_map<std::string, std::uint32_t> liked_rows;
  for (const auto& uid : liked) liked_rows.emplace(uid, UINT32_MAX);
  JsonlReader reader(files.user_item() / cache_names::kRows);
  std::uint32_t row = 0;
  while (reader.next([&](const RowView& view) {
    const auto here = row++;
    const auto it = liked_rows.find(std::string(view.string("uid")));
    if (it == liked_rows.end()) return;
    const bool in_world = cache.world() == World::kTest || view.maybe_string("world") == to_string(World::kValid);
    if (in_world) it->second = here;
  })) {
  }
  const auto k_recent = cache.meta().value("options", Json::object()).value("k_recent", std::size_t{0});
  for (const auto& uid : liked) {
    if (rows.liked.size() < k_recent && liked_rows[uid] != UINT32_MAX) rows.liked.emplace_back(uid, liked_rows[uid]);
  }
  for (const auto& [id, support] : rows.support) rows.wanted.insert(support.begin(), support.end());
  for (const auto& entry : rows.liked) rows.wanted.insert(entry.first);
  rows.interactions = MappedHalfMatrix(files.user_item() / cache_names::kInteractions, row, cache.dimensions());
  return rows;
}

}  // namespace persona4rec
