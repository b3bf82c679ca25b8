// Objects with many keys in linear time: nlohmann's ordered objects look through all keys at each insertion.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "persona4rec/json.hpp"

namespace persona4rec {

// Keys keep the order of their first use. Thread-safety: one object, one thread.
class JsonObject {
 public:
  // Adds a key that is new; of a key given twice the first value counts. True when it was new.
  bool add(const std::string& key, Json value);
  // The last value counts.
  void set(const std::string& key, Json value);
  // Leaves the builder empty.
  [[nodiscard]] Json take();

 private:
  [[nodiscard]] Json* find(const std::string& key);
  void append(const std::string& key, Json value);

  Json::object_t entries_;
  std::unordered_map<std::string, std::size_t> index_;  // of entries, once they are many
};

}  // namespace persona4rec
