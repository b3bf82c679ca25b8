// Strings -> dense numbers in first-seen order; about 35 bytes a term, so that the rare words of millions of reviews
// fit. Open addressing over one byte arena. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace persona4rec {

class TermTable {
 public:
  void reserve(std::size_t terms);
  // The term's number; a new term gets the next one. Throws Error kInternal beyond 2^32 - 1 terms.
  std::uint32_t intern(std::string_view term);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view term) const;
  // Begins to load where the term would stand, for find() soon after: changes nothing but the time.
  void fetch(std::string_view term) const;
  // REQUIRES: index < size(). The view lives until the next intern().
  [[nodiscard]] std::string_view term(std::uint32_t index) const {
    return std::string_view(bytes_.data() + begin_[index], begin_[index + 1] - begin_[index]);
  }
  [[nodiscard]] std::size_t size() const { return begin_.size() - 1; }

 private:
  struct Slot {
    std::uint32_t term = 0;  // number + 1; 0 = free
    std::uint32_t mark = 0;  // of the hash: other terms are mostly told apart by it
  };
  [[nodiscard]] std::size_t slot_of(std::string_view term, std::uint64_t hash) const;
  void set_slots(std::size_t count);

  std::vector<char> bytes_;
  std::vector<std::size_t> begin_ = {0};  // [terms + 1] offsets into bytes_
  std::vector<Slot> slots_;               // a power of two of them
};

}  // namespace persona4rec
