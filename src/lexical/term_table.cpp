#include "lexical/term_table.hpp"

#include <functional>
#include <limits>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kFirstSlots = 16;

}  // namespace

std::size_t TermTable::slot_of(std::string_view term) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(term)&mask;
  while (slots_[slot] != 0 && this->term(slots_[slot] - 1) != term) slot = (slot + 1) & mask;
  return slot;
}

void TermTable::grow() {
  const std::size_t size = slots_.empty() ? kFirstSlots : 2 * slots_.size();
  slots_.assign(size, 0);
  for (std::uint32_t i = 0; i < this->size(); ++i) slots_[slot_of(term(i))] = i + 1;
}

std::uint32_t TermTable::intern(std::string_view term) {
  if (4 * size() >= 3 * slots_.size()) grow();
  const std::size_t slot = slot_of(term);
  if (slots_[slot] != 0) return slots_[slot] - 1;
  if (size() >= std::numeric_limits<std::uint32_t>::max() - 1) throw internal_error("more than 2^32 distinct terms");
  bytes_.insert(bytes_.end(), term.begin(), term.end());
  begin_.push_back(bytes_.size());
  slots_[slot] = static_cast<std::uint32_t>(size());
  return slots_[slot] - 1;
}

std::optional<std::uint32_t> TermTable::find(std::string_view term) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t slot = slot_of(term);
  if (slots_[slot] == 0) return std::nullopt;
  return slots_[slot] - 1;
}

}  // namespace persona4rec
