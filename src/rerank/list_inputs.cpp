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

namespace {

// What `cache --force` passed over, and what only a run of rerank can know.
void check_head(const ServingCache& cache, const RerankOptions& options, Provenance& provenance) {
  if (!cache.has_head()) return;
  const Json facts = cache.meta().value("options", Json::object());
  const std::string folder = cache.folder().string();
  Json reasons = facts.value("head_breaches", Json::array());
  if (reasons.empty() && !cache.head_alpha()) {
    reasons.push_back(
        "it carries no serving contract, as heads of older versions do: run `persona4rec train` and "
        "`persona4rec cache` again");
  }
  const auto trained_for = cache.head_alpha();
  if (const auto alpha = options.scoring.alpha; alpha && trained_for && *alpha != *trained_for) {
    reasons.push_back("it was trained for alpha " + Json(*trained_for).dump() + ", not for --alpha " +
                      Json(*alpha).dump());
  }
  if (reasons.empty()) return;
  std::string text;
  for (const auto& reason : reasons) text += (text.empty() ? "" : "; ") + reason.get<std::string>();
  refuse_unless_forced("the head in " + folder + " may not serve it: " + text, options.force);
  provenance.option("head_breaches", reasons);
  provenance.option("head_leaks", facts.value("head_leaks", false));
}

}  // namespace

void register_cache(const ServingCache& cache, const RerankOptions& options, Provenance& provenance) {
  provenance.input("cache", cache.folder(), cache.meta());
  check_head(cache, options, provenance);
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
