// File names inside the folders of cache/ (io/artifacts.hpp has the folders; data/README.md the formats). Names without
// a mark are the published ones.
#pragma once

#include <string>

#include "persona4rec/split.hpp"

namespace persona4rec::cache_names {

inline constexpr const char* kMeta = "cache_meta.json";  // in every folder
inline constexpr const char* kUids = "uids.txt";         // user_item, item_persona
inline constexpr const char* kMean = "mean.npy";         // (+) what was subtracted, in the same

// user_item
inline constexpr const char* kInteractions = "interaction_embeds.fp16.mmap";
inline constexpr const char* kIndex = "index.json";
inline constexpr const char* kRows = "rows.jsonl";

// item_persona
// Where a world's item side decides, the files of world valid carry its name and those of world test none.
[[nodiscard]] inline std::string of_world(const std::string& name, World world) {
  return world == World::kValid ? name + ".valid" : name;
}
[[nodiscard]] inline std::string personas_file(World world) {
  return of_world("persona_embeds", world) + ".fp16.mmap";
}
[[nodiscard]] inline std::string persona_head_file(World world) {  // (+)
  return of_world("persona_head", world) + ".fp16.mmap";
}
inline constexpr const char* kItemPersonas = "business_id_to_uids.json";
inline constexpr const char* kPersonaRows = "personas.jsonl";  // (+)

// (+) user_profile/<world>
inline constexpr const char* kFrozenProfiles = "frozen.fp16.mmap";
inline constexpr const char* kHeadProfiles = "head.fp16.mmap";
inline constexpr const char* kUsers = "users.jsonl";
inline constexpr const char* kUserIds = "users";    // io/cache/id_table.hpp
inline constexpr const char* kLikedRows = "liked";  // <name>.begin.u64.mmap [users + 1], <name>.rows.u32.mmap
[[nodiscard]] inline std::string rows_file(const std::string& lists) {
  return lists + ".rows.u32.mmap";
}

// (+) words: <matrix>.begin.u64.mmap [rows + 1], <matrix>.terms.u32.mmap, <matrix>.weights.f32.mmap [entries]
[[nodiscard]] inline std::string terms_list(World world) {
  return of_world("terms", world) + ".txt";
}
inline constexpr const char* kItems = "items.jsonl";
[[nodiscard]] inline std::string item_matrix(World world) {
  return of_world("items", world);
}
[[nodiscard]] inline std::string persona_words_matrix(World world) {
  return of_world("persona_words", world);
}
[[nodiscard]] inline std::string user_matrix(World world) {
  return "users." + to_string(world);
}
[[nodiscard]] inline std::string begin_file(const std::string& matrix) {
  return matrix + ".begin.u64.mmap";
}
[[nodiscard]] inline std::string terms_file(const std::string& matrix) {
  return matrix + ".terms.u32.mmap";
}
[[nodiscard]] inline std::string weights_file(const std::string& matrix) {
  return matrix + ".weights.f32.mmap";
}

// (+) in cache/ itself: what `rerank --tune` fitted.
inline constexpr const char* kTunedWeights = "tuned_weights.json";

}  // namespace persona4rec::cache_names
