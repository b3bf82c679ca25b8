#include "records/json_object.hpp"

#include <utility>

namespace persona4rec {
namespace {

constexpr std::size_t kFew = 16;  // so many keys are found faster by looking through them

}  // namespace

Json* JsonObject::find(const std::string& key) {
  if (index_.empty()) {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &(entries_.begin() + static_cast<std::ptrdiff_t>(found->second))->second;
}

void JsonObject::append(const std::string& key, Json value) {
  entries_.emplace_back(key, std::move(value));
  if (entries_.size() <= kFew) return;
  if (index_.empty()) {
    for (const auto& [known, ignored] : entries_) index_.emplace(known, index_.size());
  } else {
    index_.emplace(key, index_.size());
  }
}

bool JsonObject::add(const std::string& key, Json value) {
  if (find(key) != nullptr) return false;
  append(key, std::move(value));
  return true;
}

void JsonObject::set(const std::string& key, Json value) {
  if (Json* known = find(key); known != nullptr) {
    *known = std::move(value);
  } else {
    append(key, std::move(value));
  }
}

Json JsonObject::take() {
  index_.clear();
  return Json(std::exchange(entries_, {}));
}

}  // namespace persona4rec
