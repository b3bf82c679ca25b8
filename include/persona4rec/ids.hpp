// Strong ids. A UserId is not an ItemId: mixing them does not compile.
//
// Ids are read as JSON string or integer and written back as they came; two ids are equal when their texts are
// (so "42" in a candidate file meets 42 in a review file).
// Thread-safety: value types.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace persona4rec {

template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string text, bool is_integer = false) : text_(std::move(text)), is_integer_(is_integer) {}

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // True when the id was a JSON integer, so that it is written as one.
  [[nodiscard]] bool is_integer() const noexcept { return is_integer_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  friend bool operator==(const Id& a, const Id& b) noexcept { return a.text_ == b.text_; }
  friend std::strong_ordering operator<=>(const Id& a, const Id& b) noexcept { return a.text_ <=> b.text_; }

 private:
  std::string text_;
  bool is_integer_ = false;
};

using UserId = Id<struct UserTag>;
using ItemId = Id<struct ItemTag>;
using ReviewId = Id<struct ReviewTag>;
// A persona across all items: unique_persona_id = "<item>_P<k>".
using PersonaId = Id<struct PersonaTag>;

}  // namespace persona4rec

template <class Tag>
struct std::hash<persona4rec::Id<Tag>> {
  std::size_t operator()(const persona4rec::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
