#include "lexical/term_counts.hpp"

#include <algorithm>

namespace persona4rec {
namespace {

constexpr std::size_t kSmallestBlock = std::size_t{1} << 12U;
constexpr std::size_t kLargestBlock = std::size_t{1} << 23U;
constexpr unsigned kBits = 7;
constexpr std::uint8_t kMore = 1U << kBits;

void put_number(std::vector<std::uint8_t>& out, std::uint64_t number) {
  for (; number >= kMore; number >>= kBits) out.push_back(static_cast<std::uint8_t>(number) | kMore);
  out.push_back(static_cast<std::uint8_t>(number));
}

std::uint64_t take_number(const std::uint8_t*& at) {
  std::uint64_t number = 0;
  for (unsigned shift = 0;; shift += kBits) {
    const std::uint8_t byte = *at++;
    number |= std::uint64_t{byte & (kMore - 1U)} << shift;
    if (byte < kMore) return number;
  }
}

}  // namespace

void TermCounts::append(std::span<const TermCount> counts) {
  packed_.clear();
  std::uint32_t before = 0;
  for (const auto& [term, count] : counts) {
    put_number(packed_, std::uint64_t{term - before} << 1U | (count > 1 ? 1U : 0U));
    if (count > 1) put_number(packed_, count);
    before = term;
  }
  if (blocks_.empty() || blocks_.back().size() + packed_.size() > blocks_.back().capacity()) {
    // A small corpus has a small block; no block holds more than the numbers of a Document can tell.
    const std::size_t grown = blocks_.empty() ? kSmallestBlock : 2 * blocks_.back().capacity();
    blocks_.emplace_back();
    blocks_.back().reserve(std::max(packed_.size(), std::min(grown, kLargestBlock)));
  }
  auto& block = blocks_.back();
  documents_.push_back({static_cast<std::uint32_t>(blocks_.size() - 1), static_cast<std::uint32_t>(block.size())});
  block.insert(block.end(), packed_.begin(), packed_.end());
}

void TermCounts::read(std::size_t document, std::vector<TermCount>& out) const {
  const auto [block, begin] = documents_[document];
  const bool has_next = document + 1 < documents_.size() && documents_[document + 1].block == block;
  const auto& bytes = blocks_[block];
  const std::uint8_t* at = bytes.data() + begin;
  const std::uint8_t* const end = bytes.data() + (has_next ? documents_[document + 1].begin : bytes.size());
  if (out.empty()) out.reserve(static_cast<std::size_t>(end - at));  // a count takes a byte at least
  std::uint32_t term = 0;
  while (at < end) {
    const auto number = take_number(at);
    term += static_cast<std::uint32_t>(number >> 1U);
    const auto count = (number & 1U) != 0 ? static_cast<std::uint32_t>(take_number(at)) : 1U;
    out.push_back({term, count});
  }
}

}  // namespace persona4rec
