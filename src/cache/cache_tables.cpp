#include "cache/cache_tables.hpp"

#include <string>
#include <vector>

#include "cache/cache_files.hpp"
#include "io/cache/cache_names.hpp"
#include "io/cache/id_table.hpp"
#include "records/row_append.hpp"

namespace persona4rec {
namespace {

// Rows are written as they are made: a Json each would take most of the time of the table.

// The first world whose histories hold the row; null for rows that the item side alone may use.
void append_world(std::string& text, const InteractionRows& rows, std::size_t row) {
  for (const auto world : {World::kValid, World::kTest}) {
    if (rows.split.in_history(rows.interaction_of_row[row], world)) return append_json(text, to_string(world));
  }
  text += "null";
}

void append_row(std::string& text, const InteractionRows& rows, std::size_t row) {
  const auto i = rows.interaction_of_row[row];
  const auto review = rows.data.review(i);
  text += R"({"uid":")";
  text += rows.uid_text(row);
  append_field(text, R"(","item":)", rows.data.items()[rows.item_of_row[row]]);
  append_field(text, R"(,"rating":)", rows.data.rating(i));
  text += R"(,"world":)";
  append_world(text, rows, row);
  append_field(text, R"(,"user":)", rows.data.users()[rows.user_of_row[row]]);
  text += R"(,"review_id":)";
  if (review.empty()) {
    text += "null";
  } else {
    append_json(text, review);
  }
  text += rows.item_side_of_row[row] != 0 ? ",\"item_side\":true}\n" : ",\"item_side\":false}\n";
}

std::vector<std::string> uids_of(const InteractionRows& rows, std::span<const std::uint32_t> which) {
  std::vector<std::string> uids;
  uids.reserve(which.size());
  for (const auto row : which) uids.push_back(rows.uid_text(row));
  return uids;
}

void append_persona(std::string& text, const PersonaTable& personas, const InteractionRows& rows, std::uint32_t k) {
  append_field(text, R"({"uid":)", personas.ids[k]);
  append_field(text, R"(,"item_id":)", personas.items[personas.item_of_persona[k]]);
  append_field(text, R"(,"name":)", personas.names[k]);
  text += R"(,"support":)";
  append_list(text, personas.support.of(k), [&](std::uint32_t row) { append_json(text, rows.uid_text(row)); });
  text += "}\n";
}

}  // namespace

void write_row_tables(const InteractionRows& rows, const GroupedRows& liked, const std::filesystem::path& folder) {
  write_lines(folder / cache_names::kUids, rows.rows(), [&](std::size_t row) { return rows.uid_text(row); });
  auto table = OutputFile::in_folder(folder / cache_names::kRows);
  std::string text;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    text.clear();
    append_row(text, rows, row);
    table.write(text);
  }
  table.commit();
  JsonListsWriter index(folder / cache_names::kIndex);
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
  auto table = OutputFile::in_folder(folder / cache_names::kPersonaRows);
  std::string text;
  for (const auto item : personas.item_of_line) {
    const auto range = personas.personas_of_item[item];
    std::vector<std::string> ids;
    for (std::uint32_t k = range.first; k < range.end(); ++k) {
      ids.push_back(personas.ids[k].text());
      text.clear();
      append_persona(text, personas, rows, k);
      table.write(text);
    }
    if (!ids.empty()) by_item.append(personas.items[item].text(), ids);
  }
  by_item.commit();
  table.commit();
}

void write_user_tables(const InteractionRows& rows, const GroupedRows& liked, std::span<const std::uint32_t> users,
                       const std::filesystem::path& folder) {
  auto table = OutputFile::in_folder(folder / cache_names::kUsers);
  auto begin = OutputFile::in_folder(folder / cache_names::begin_file(cache_names::kLikedRows));
  auto of_users = OutputFile::in_folder(folder / cache_names::rows_file(cache_names::kLikedRows));
  std::string text;
  std::vector<std::string> ids;
  ids.reserve(users.size());
  std::uint64_t count = 0;
  write_values(begin, std::span<const std::uint64_t>(&count, 1));
  for (const auto user : users) {
    const auto& id = rows.data.users()[user];
    text = R"({"user_id":)";
    append_json(text, id);
    text += R"(,"liked":)" + std::to_string(liked.of(user).size()) + "}\n";
    table.write(text);
    ids.push_back(id.text());
    write_values(of_users, liked.of(user));
    count += liked.of(user).size();
    write_values(begin, std::span<const std::uint64_t>(&count, 1));
  }
  for (auto* file : {&table, &begin, &of_users}) file->commit();
  IdTable(ids).write(folder, cache_names::kUserIds);
}

}  // namespace persona4rec
