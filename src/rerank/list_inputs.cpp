#include "rerank/list_inputs.hpp"

#include "base/refuse.hpp"

namespace persona4rec {
Json register_lists(const std::filesystem::path& lists, World world, bool force, Provenance& provenance) {
  const Json meta = read_meta(lists);
  if (!meta.is_object()) return Json::object();
  if (const auto sha256 = meta.value("sha256", ""); !sha256.empty()) provenance.input("candidates", lists, sha256);
  Json options = meta.value("options", Json::object());
  const std::string made_for = options.value("for", to_string(world));
  if (made_for != to_string(world)) {
    refuse_unless_forced(lists.string() + " was made for world " + made_for + ", but profiles of world " +
                             to_string(world) + " are asked for (--for)",
                         force);
  }
  return options;
}

void register_cache(const ServingCache& cache, const RerankOptions& options, Provenance& provenance) {
  provenance.input("cache", cache.folder(), cache.meta().value("sha256", ""));
  const Json lineage = cache.meta().value("lineage", Json::object());
  for (const auto& [role, path] : options.stands_on) {
    const Json meta = read_meta(path);
    if (!meta.is_object() || !lineage.contains(role)) continue;
    if (meta.value("sha256", "") != lineage[role].get<std::string>()) {
      refuse_unless_forced(cache.folder().string() + " was built from another version of " + path.string() +
                               ": run `persona4rec cache` again",
                           options.force);
    }
  }
}

}  // namespace persona4rec
