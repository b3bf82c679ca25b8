#include "records/aspects.hpp"

#include <algorithm>
#include <utility>

namespace persona4rec {

std::vector<Aspect> aspects_of(const Json& extracted) {
  std::vector<Aspect> aspects;
  if (!extracted.is_object()) return aspects;
  for (const auto& [key, value] : extracted.items()) {
    if (value.is_null()) continue;
    std::string words = key;
    std::ranges::replace(words, '_', ' ');
    std::string text =
        value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    aspects.push_back({.key = key, .words = std::move(words), .value = std::move(text), .is_text = value.is_string()});
  }
  return aspects;
}

}  // namespace persona4rec
