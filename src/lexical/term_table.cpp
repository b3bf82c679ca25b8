#include "lexical/term_table.hpp"

#include <algorithm>
#include <limits>

#include "base/bulk/quick_hash.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kFirstSlots = 16;

// Slots are told by the lower bits.
std::uint32_t mark_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32U);
}

}  // namespace

std::size_t TermTable::slot_of(std::string_view term, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const auto mark = mark_of(hash);
  std::size_t slot = static_cast<std::size_t>(hash) & mask;
  while (slots_[slot].term != 0 &&
         (slots_[slot].mark != mark || !quick_equal(this->term(slots_[slot].term - 1), term))) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void TermTable::reserve(std::size_t terms) {
  std::size_t count = std::max(kFirstSlots, slots_.size());
  while (3 * count < 4 * (terms + 1)) count *= 2;
  if (count > slots_.size()) set_slots(count);
  begin_.reserve(terms + 1);
}

void TermTable::set_slots(std::size_t count) {
  slots_.assign(count, {});
  for (std::uint32_t i = 0; i < this->size(); ++i) {
    const auto hash = quick_hash(term(i));
    slots_[slot_of(term(i), hash)] = {.term = i + 1, .mark = mark_of(hash)};
  }
}

std::uint32_t TermTable::intern(std::string_view term) {
  if (4 * size() >= 3 * slots_.size()) set_slots(std::max(kFirstSlots, 2 * slots_.size()));
  const auto hash = quick_hash(term);
  Slot& slot = slots_[slot_of(term, hash)];
  if (slot.term != 0) return slot.term - 1;
  if (size() >= std::numeric_limits<std::uint32_t>::max() - 1) throw internal_error("more than 2^32 distinct terms");
  bytes_.insert(bytes_.end(), term.begin(), term.end());
  begin_.push_back(bytes_.size());
  slot = {.term = static_cast<std::uint32_t>(size()), .mark = mark_of(hash)};
  return slot.term - 1;
}

void TermTable::fetch(std::string_view term) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[static_cast<std::size_t>(quick_hash(term)) & (slots_.size() - 1)]);
}

std::optional<std::uint32_t> TermTable::find(std::string_view term) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(term, quick_hash(term))];
  if (slot.term == 0) return std::nullopt;
  return slot.term - 1;
}

}  // namespace persona4rec
