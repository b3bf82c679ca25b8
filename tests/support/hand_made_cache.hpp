// A cache written by hand in the documented format (data/README.md), so that `rerank` is tested against the format and
// not against what `cache` happens to write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/artifacts.hpp"
#include "io/output_file.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec::test {

using Floats = std::vector<float>;
// (term, weight), terms ascending.
using Words = std::vector<std::pair<std::uint32_t, float>>;

struct CachedPersona {
  std::string id;
  Floats frozen;
  Floats head{};
  std::vector<std::string> support{};  // uids
};
struct CachedItem {
  std::string id;
  Words words{};
  std::vector<CachedPersona> personas{};
  Words persona_words{};
};
struct CachedUser {
  std::string id;
  Floats frozen;
  Words words{};
  Floats head{};
};
struct CachedRow {
  std::string uid, user, item;  // uid: 16 characters
  Floats vector;
  std::string world = "valid";
};

struct HandMadeCache {
  std::size_t dimensions = 2;
  std::vector<CachedItem> items;
  std::vector<CachedUser> users;  // of both worlds, unless there are some of valid
  std::vector<CachedUser> valid_users{};
  std::vector<CachedRow> rows{};                      // user_item
  std::vector<std::pair<std::string, Json>> liked{};  // user -> uids, newest first
  std::vector<std::string> terms = {"harp", "drums", "piano"};
  bool has_head = false;
  Json head_contract = {{"alpha", 0.85}};
  Json weights = nullptr;  // fitted with the head
  Json lineage = {{"encoder", "E"}};
  std::string build = "B1";
  Json more_options = Json::object();

  void write(const std::filesystem::path& folder) const {
    const CacheFiles files{folder};
    write_user_item(files.user_item());
    write_item_persona(files.item_persona());
    for (const auto world : {World::kValid, World::kTest}) write_users(files, world);
    write_words(files.words());
    meta(files.user_profile(World::kTest).parent_path(),
         {{"rows_valid", users_of(World::kValid).size()}, {"rows_test", users.size()}});
    Json root = {
        {"artifact", "cache"},
        {"command", "cache"},
        {"sha256", "S"},
        {"lineage", lineage},
        {"settings", Json::object()},
        {"options",
         {{"build", build}, {"has_head", has_head}, {"weights", weights}, {"k_recent", 10}, {"uid_with_text", false}}}};
    if (has_head) root["options"]["head_contract"] = head_contract;
    root["options"].update(more_options);
    write_file(meta_path(folder), root.dump());
  }

  [[nodiscard]] const std::vector<CachedUser>& users_of(World world) const {
    return world == World::kValid && !valid_users.empty() ? valid_users : users;
  }

 private:
  static std::string halves(const std::vector<Floats>& vectors) {
    std::string bytes;
    for (const auto& vector : vectors) {
      for (const float value : vector) {
        const auto half = static_cast<_Float16>(value);
        bytes.append(reinterpret_cast<const char*>(&half), sizeof(half));
      }
    }
    return bytes;
  }
  template <class T>
  static void append(std::string& bytes, T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }

  void meta(const std::filesystem::path& folder, Json own) const {
    own["dim"] = dimensions;
    own["build"] = build;
    own["encoder"] = lineage["encoder"];
    write_file(folder / "cache_meta.json", own.dump());
  }

  void write_user_item(const std::filesystem::path& folder) const {
    std::vector<Floats> vectors;
    std::string table;
    for (const auto& row : rows) {
      vectors.push_back(row.vector);
      table += Json({{"uid", row.uid}, {"item", row.item}, {"user", row.user}, {"world", row.world}}).dump() + "\n";
    }
    write_file(folder / "interaction_embeds.fp16.mmap", halves(vectors));
    write_file(folder / "rows.jsonl", table);
    std::string uids;
    for (const auto& row : rows) uids += row.uid + "\n";
    write_file(folder / "uids.txt", uids);
    Json index = Json::object();
    for (const auto& [user, uids] : liked) index[user] = uids;
    write_file(folder / "index.json", index.dump());
    meta(folder, {{"rows", rows.size()}});
  }

  void write_item_persona(const std::filesystem::path& folder) const {
    std::vector<Floats> frozen;
    std::vector<Floats> head;
    std::string table;
    for (const auto& item : items) {
      for (const auto& persona : item.personas) {
        frozen.push_back(persona.frozen);
        head.push_back(persona.head);
        table += Json({{"uid", persona.id},
                       {"item_id", item.id},
                       {"name", "name of " + persona.id},
                       {"support", persona.support}})
                     .dump() +
                 "\n";
      }
    }
    for (const std::string world : {".valid", ""}) {
      write_file(folder / ("persona_embeds" + world + ".fp16.mmap"), halves(frozen));
      if (has_head) write_file(folder / ("persona_head" + world + ".fp16.mmap"), halves(head));
    }
    write_file(folder / "personas.jsonl", table);
    meta(folder, {{"rows", frozen.size()}});
  }

  void write_users(const CacheFiles& files, World world) const {
    std::vector<Floats> frozen;
    std::vector<Floats> head;
    std::vector<Words> words;
    std::string table;
    for (const auto& user : users_of(world)) {
      frozen.push_back(user.frozen);
      head.push_back(user.head);
      words.push_back(user.words);
      table += Json({{"user_id", user.id}}).dump() + "\n";
    }
    const auto folder = files.user_profile(world);
    write_file(folder / "frozen.fp16.mmap", halves(frozen));
    if (has_head) write_file(folder / "head.fp16.mmap", halves(head));
    write_file(folder / "users.jsonl", table);
    write_liked(folder, world);
    write_sparse(files.words(), "users." + to_string(world), words);
  }

  void write_liked(const std::filesystem::path& folder, World world) const {
    std::string begin;
    std::string numbers;
    append(begin, std::uint64_t{0});
    for (const auto& user : users_of(world)) {
      for (const auto& uid : liked_of(user.id)) {
        for (std::uint32_t row = 0; row < rows.size(); ++row) {
          const bool in_world = world == World::kTest || rows[row].world == "valid";
          if (in_world && rows[row].uid == uid) append(numbers, row);
        }
      }
      append(begin, std::uint64_t{numbers.size() / sizeof(std::uint32_t)});
    }
    write_file(folder / "liked.begin.u64.mmap", begin);
    write_file(folder / "liked.rows.u32.mmap", numbers);
  }

  [[nodiscard]] std::vector<std::string> liked_of(const std::string& id) const {
    for (const auto& [user, uids] : liked) {
      if (user == id) return uids.get<std::vector<std::string>>();
    }
    return {};
  }

  void write_words(const std::filesystem::path& folder) const {
    std::vector<Words> words;
    std::vector<Words> persona_words;
    std::string table;
    std::string names;
    for (const auto& item : items) {
      words.push_back(item.words);
      persona_words.push_back(item.persona_words);
      table += Json({{"item_id", item.id}}).dump() + "\n";
    }
    for (const auto& term : terms) names += term + "\n";
    for (const std::string world : {".valid", ""}) {
      write_sparse(folder, "items" + world, words);
      write_sparse(folder, "persona_words" + world, persona_words);
      write_file(folder / ("terms" + world + ".txt"), names);
    }
    write_file(folder / "items.jsonl", table);
    meta(folder, {{"rows", items.size()}, {"terms_valid", terms.size()}, {"terms_test", terms.size()}});
  }

  static void write_sparse(const std::filesystem::path& folder, const std::string& name,
                           const std::vector<Words>& rows) {
    std::string begin;
    std::string numbers;
    std::string weights;
    std::uint64_t entries = 0;
    append(begin, entries);
    for (const auto& row : rows) {
      for (const auto& [term, weight] : row) {
        append(numbers, term);
        append(weights, weight);
        ++entries;
      }
      append(begin, entries);
    }
    write_file(folder / (name + ".begin.u64.mmap"), begin);
    write_file(folder / (name + ".terms.u32.mmap"), numbers);
    write_file(folder / (name + ".weights.f32.mmap"), weights);
  }
};

}  // namespace persona4rec::test
