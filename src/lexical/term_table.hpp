// Strings -> dense numbers in first-seen order; about 30 bytes a term, so that the rare words of millions of reviews
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
  // The term's number; a new term gets the next one. Throws Error kInternal beyond 2^32 - 1 terms.
  std::uint32_t intern(std::string_view term);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view term) const;
  // REQUIRES: index < size(). The view lives until the next intern().
  [[nodiscard]] std::string_view term(std::uint32_t index) const {
    return std::string_view(bytes_.data() + begin_[index], begin_[index + 1] - begin_[index]);
  }
  [[nodiscard]] std::size_t size() const { return begin_.size() - 1; }

 private:
  [[nodiscard]] std::size_t slot_of(std::string_view term) const;
  void grow();

  std::vector<char> bytes_;
  std::vector<std::size_t> begin_ = {0};  // [terms + 1] offsets into bytes_
  std::vector<std::uint32_t> slots_;      // term + 1; 0 = free; a power of two of them
};

}  // namespace persona4rec
