// Strong ids. A UserId is not an ItemId: mixing them does not compile.
//
// Ids are read as JSON string or integer and written back as they came; two ids are equal when their texts are
// (so "42" in a candidate file meets 42 in a review file).
// Thread-safety: value types; const use from any thread.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// An id whose text stands elsewhere.
class IdText {
 public:
  IdText() = default;
  // REQUIRES: the text stays where it is, and has less than 4 GiB.
  explicit IdText(std::string_view text, bool is_integer = false)
      : data_(text.data()), size_(static_cast<std::uint32_t>(text.size())), is_integer_(is_integer) {}

  [[nodiscard]] std::string_view text() const { return {data_, size_}; }
  [[nodiscard]] bool is_integer() const { return is_integer_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  template <class IdType>
  [[nodiscard]] IdType as() const {
    return IdType(std::string(text()), is_integer_);
  }

 private:
  const char* data_ = nullptr;
  std::uint32_t size_ = 0;
  bool is_integer_ = false;
};

// Texts that stay where they are while this lives.
class TextBlocks {
 public:
  // A copy of it.
  std::string_view add(std::string_view text) {
    if (text.size() > room_) {
      room_ = std::max(kBlockBytes, text.size());
      next_ = keep(std::make_unique_for_overwrite<char[]>(room_));
    }
    if (!text.empty()) std::memcpy(next_, text.data(), text.size());
    room_ -= text.size();
    return {std::exchange(next_, next_ + text.size()), text.size()};
  }
  // Texts that somebody else has put there.
  char* keep(std::unique_ptr<char[]> block) { return blocks_.emplace_back(std::move(block)).get(); }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 14U;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;  // in the block that add() made last
  std::size_t room_ = 0;  // behind it
};

// Many ids in little memory, whose texts stand one behind the other in a few blocks, where a string for each would take
// several times as much, and longer to make and to free. As a std::vector<IdType> that moves, whose elements are made
// when they are asked for.
template <class IdType>
class IdList {
 public:
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] bool empty() const { return ids_.empty(); }
  [[nodiscard]] IdType operator[](std::size_t i) const { return ids_[i].template as<IdType>(); }
  [[nodiscard]] std::span<const IdText> texts() const { return ids_; }

  void reserve(std::size_t ids) { ids_.reserve(ids); }
  void push_back(const IdType& id) { ids_.emplace_back(blocks_.add(id.text()), id.is_integer()); }
  // REQUIRES: the text is in a block that was kept.
  void push_kept(IdText id) { ids_.push_back(id); }
  void keep(std::unique_ptr<char[]> block) { blocks_.keep(std::move(block)); }

 private:
  std::vector<IdText> ids_;
  TextBlocks blocks_;
};

}  // namespace persona4rec

template <class Tag>
struct std::hash<persona4rec::Id<Tag>> {
  std::size_t operator()(const persona4rec::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
