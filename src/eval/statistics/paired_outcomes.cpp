#include "eval/statistics/paired_outcomes.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace persona4rec {
namespace {

std::string_view bytes_of(std::span<const double> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

PairedOutcomes distinct_outcomes(std::span<const double> first, std::span<const double> other, std::size_t metrics) {
  PairedOutcomes outcomes{.metrics = metrics};
  outcomes.of_user.reserve(first.size() / metrics);
  std::unordered_map<std::string, std::uint32_t> index;
  std::string key;
  for (std::size_t at = 0; at < first.size(); at += metrics) {
    const auto a = first.subspan(at, metrics);
    const auto b = other.subspan(at, metrics);
    key.assign(bytes_of(a));
    key += bytes_of(b);
    const auto [it, is_new] = index.try_emplace(key, static_cast<std::uint32_t>(outcomes.size()));
    outcomes.of_user.push_back(it->second);
    if (is_new) {
      outcomes.counts.push_back(0);
      outcomes.first.insert(outcomes.first.end(), a.begin(), a.end());
      for (std::size_t m = 0; m < metrics; ++m) outcomes.difference.push_back(b[m] - a[m]);
    }
    ++outcomes.counts[it->second];
  }
  return outcomes;
}

}  // namespace persona4rec
