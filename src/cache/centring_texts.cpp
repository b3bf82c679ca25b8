#include "cache/centring_texts.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/hash.hpp"

namespace persona4rec {
namespace {

// So many texts are a mean within 12 and 6 % of the texts' spread; where few are needed beside it, all would cost
// hours, and each changes with its persona.
constexpr std::size_t kFewest = 64;
constexpr std::size_t kMost = 256;
constexpr std::size_t kForEach = 16;
constexpr std::size_t kHashDigits = 15;  // fit into a string without an allocation

}  // namespace

std::vector<std::uint8_t> draw_centring_texts(std::span<const PersonaId> ids, std::size_t standing_in) {
  const std::size_t count = std::clamp(kForEach * std::min(standing_in, kMost), kFewest, kMost);
  if (ids.size() <= count) return std::vector<std::uint8_t>(ids.size(), 1);
  std::vector<std::pair<std::string, std::size_t>> order;
  order.reserve(ids.size());
  for (std::size_t k = 0; k < ids.size(); ++k) order.emplace_back(sha256_hex(ids[k].text()).substr(0, kHashDigits), k);
  const auto last = order.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(order.begin(), last, order.end());
  std::vector<std::uint8_t> drawn(ids.size(), 0);
  std::for_each(order.begin(), last, [&](const auto& entry) { drawn[entry.second] = 1; });
  return drawn;
}

}  // namespace persona4rec
