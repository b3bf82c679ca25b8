// The tables and matrices of cache/, one file changed; what opens can score a list, and explain it.
#include "rerank/serving_cache.hpp"

#include <fstream>

#include "fuzz/fuzz_target.hpp"
#include "io/artifacts.hpp"
#include "io/cache/cache_names.hpp"
#include "io/cache/id_table.hpp"
#include "rerank/scorer.hpp"
#include "rerank/shown_rows.hpp"
#include "support/hand_made_cache.hpp"

namespace persona4rec {
namespace {

std::map<std::string, std::string> files_of_sound_cache() {
  const fuzz::ScratchFolder scratch;
  const auto folder = scratch.path() / "cache";
  const test::HandMadeCache cache{
      .items = {{.id = "i1",
                 .words = {{0, 1.0F}},
                 .personas = {{.id = "i1_P1", .frozen = {1, 0}, .support = {"00000000000000a1"}}}},
                {.id = "i2", .words = {{1, 0.5F}, {2, 0.5F}}, .personas = {{.id = "i2_P1", .frozen = {0, 1}}}}},
      .users = {{.id = "u1", .frozen = {1, 0}, .words = {{0, 0.6F}, {2, 0.8F}}}},
      .rows = {{.uid = "00000000000000a1", .user = "u1", .item = "i1", .vector = {1, 0}}},
      .liked = {{"u1", Json::array({"00000000000000a1"})}},
  };
  cache.write(folder);
  // World valid keeps the tables of older caches.
  IdTable(std::vector<std::string>{"u1"}).write(CacheFiles{folder}.user_profile(World::kTest), cache_names::kUserIds);
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[std::filesystem::relative(entry.path(), scratch.path()).string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return files;
}

}  // namespace

FUZZ_TARGET(serving_cache) {
  static const fuzz::SoundFolder folder(files_of_sound_cache());
  static const CandidateRow list = {.user_id = UserId("u1"),
                                    .topk = {},
                                    .filter_scope = {},
                                    .results = {{ItemId("i1"), 1.0}, {ItemId("i2"), 2.0}, {ItemId("i3"), 3.0}},
                                    .context = {}};
  folder.with(input, [](const std::filesystem::path& path) {
    for (const auto world : {World::kTest, World::kValid}) {
      const ServingCache cache(path / "cache", world);
      Scorer scorer(cache, cache.has_head() ? kHeadWeights : kFrozenWeights, kDefaultAlpha);
      fuzz::use(scorer.score(list));
      fuzz::use(read_shown_rows(cache, {"i1_P1"}, list.user_id));
    }
  });
}

}  // namespace persona4rec
