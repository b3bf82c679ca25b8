#include "cache/cache_tables.hpp"

#include <string>
#include <vector>

#include "cache/cache_files.hpp"
#include "io/cache/cache_names.hpp"
#include "io/cache/id_table.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

// The first world whose histories hold the row; null for rows that the item side alone may use.
Json world_of(const InteractionRows& rows, std::size_t row) {
  const auto interaction = rows.interaction_of_row[row];
  for (const auto world : {World::kValid, World::kTest}) {
    if (rows.split.in_history(interaction, world)) return to_string(world);
  }
  return nullptr;
}

Json row_json(const InteractionRows& rows, std::size_t row) {
  const auto i = rows.interaction_of_row[row];
  const auto review = rows.data.review(i);
  return {{"uid", rows.uid_text(row)},
          {"item", to_json(rows.data.items()[rows.item_of_row[row]])},
          {"rating", to_json(rows.data.rating(i))},
          {"world", world_of(rows, row)},
          {"user", to_json(rows.data.users()[rows.user_of_row[row]])},
          {"review_id", review.empty() ? Json(nullptr) : to_json(review)},
          {"item_side", rows.item_side_of_row[row] != 0}};
}

std::vector<std::string> uids_of(const InteractionRows& rows, std::span<const std::uint32_t> which) {
  std::vector<std::string> uids;
  for (const auto row : which) uids.push_back(rows.uid_text(row));
  return uids;
}

}  // namespace

void write_row_tables(const InteractionRows& rows, const std::filesystem::path& folder) {
  write_lines(folder / cache_names::kUids, rows.rows(), [&](std::size_t row) { return rows.uid_text(row); });
  OutputFile table(folder / cache_names::kRows);
  for (std::size_t row = 0; row < rows.rows(); ++row) table.write_row(row_json(rows, row));
  table.commit();
  JsonListsWriter index(folder / cache_names::kIndex);
  const auto liked = rows.liked(World::kTest);
  for (std::uint32_t user = 0; user < liked.owners(); ++user) {
    if (!liked.of(user).empty()) index.append(rows.data.users()[user].text(), uids_of(rows, liked.of(user)));
  }
  index.commit();
}

void write_persona_tables(const PersonaTable& personas, const InteractionRows& rows,
                          const std::filesystem::path& folder) {
  write_lines(folder / cache_names::kUids, personas.size(),
              [&](std::size_t k) -> const std::string& { return personas.ids[k].text(); });
  JsonListsWriter by_item(folder / cache_names::kItemPersonas);
  OutputFile table(folder / cache_names::kPersonaRows);
  for (const auto item : personas.item_of_line) {
    const auto range = personas.personas_of_item[item];
    std::vector<std::string> ids;
    for (std::uint32_t k = range.first; k < range.end(); ++k) {
      ids.push_back(personas.ids[k].text());
      table.write_row({{"uid", to_json(personas.ids[k])},
                       {"item_id", to_json(personas.items[item])},
                       {"name", personas.names[k]},
                       {"support", uids_of(rows, personas.support.of(k))}});
    }
    if (!ids.empty()) by_item.append(personas.items[item].text(), ids);
  }
  by_item.commit();
  table.commit();
}

void write_user_tables(const InteractionRows& rows, const GroupedRows& liked, std::span<const std::uint32_t> users,
                       const std::filesystem::path& folder) {
  OutputFile table(folder / cache_names::kUsers);
  OutputFile begin(folder / cache_names::begin_file(cache_names::kLikedRows));
  OutputFile of_users(folder / cache_names::rows_file(cache_names::kLikedRows));
  std::vector<std::string> ids;
  ids.reserve(users.size());
  std::uint64_t count = 0;
  write_values(begin, std::span<const std::uint64_t>(&count, 1));
  for (const auto user : users) {
    const auto& id = rows.data.users()[user];
    table.write_row({{"user_id", to_json(id)}, {"liked", liked.of(user).size()}});
    ids.push_back(id.text());
    write_values(of_users, liked.of(user));
    count += liked.of(user).size();
    write_values(begin, std::span<const std::uint64_t>(&count, 1));
  }
  for (auto* file : {&table, &begin, &of_users}) file->commit();
  IdTable(ids).write(folder, cache_names::kUserIds);
}

}  // namespace persona4rec
