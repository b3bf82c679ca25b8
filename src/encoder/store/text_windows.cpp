#include "encoder/store/text_windows.hpp"

#include <string_view>
#include <unordered_map>

namespace persona4rec {

DistinctTexts find_distinct(std::span<const std::string> texts) {
  DistinctTexts distinct;
  distinct.of.reserve(texts.size());
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const auto [found, is_new] = known.try_emplace(texts[row], distinct.size());
    if (is_new) distinct.first.push_back(row);
    distinct.of.push_back(found->second);
  }
  return distinct;
}

}  // namespace persona4rec
