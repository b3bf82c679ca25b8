#include "eval/file_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace persona4rec {
namespace {

std::filesystem::path without_endings(std::filesystem::path path) {
  constexpr std::array<std::string_view, 6> kEndings = {".jsonl", ".json", ".gz", ".trec", ".run", ".txt"};
  while (std::ranges::find(kEndings, path.extension().string()) != kEndings.end()) path.replace_extension();
  return path;
}

// The last `parts` components.
std::string tail_of(const std::filesystem::path& path, std::size_t parts) {
  if (path == "-") return "stdin";
  std::vector<std::filesystem::path> components;
  for (const auto& component : without_endings(path)) components.push_back(component);
  std::filesystem::path tail;
  for (std::size_t i = components.size() - std::min(parts, components.size()); i < components.size(); ++i) {
    tail /= components[i];
  }
  return tail.string();
}

std::size_t depth(const std::filesystem::path& path) {
  return static_cast<std::size_t>(std::distance(path.begin(), path.end()));
}

void number_repeats(std::vector<std::string>& names) {
  std::map<std::string, std::size_t> times;
  for (auto& name : names) {
    if (const auto time = ++times[name]; time > 1) name += "#" + std::to_string(time);
  }
}

}  // namespace

std::vector<std::string> short_names(std::span<const std::filesystem::path> paths) {
  std::size_t deepest = 1;
  for (const auto& path : paths) deepest = std::max(deepest, depth(path));
  std::vector<std::string> best;
  std::size_t most_distinct = 0;
  for (std::size_t parts = 1; parts <= deepest; ++parts) {
    std::vector<std::string> names;
    for (const auto& path : paths) names.push_back(tail_of(path, parts));
    const std::size_t distinct = std::set(names.begin(), names.end()).size();
    if (distinct <= most_distinct) continue;
    most_distinct = distinct;
    best = std::move(names);
  }
  number_repeats(best);
  return best;
}

}  // namespace persona4rec
