#include "rerank/shared_terms.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "io/artifacts.hpp"
#include "io/cache/cache_names.hpp"
#include "io/line_source.hpp"
#include "lexical/sparse.hpp"

namespace persona4rec {
namespace {

// Products of the terms that both hold.
SparseVector common_terms(SparseView a, SparseView b) {
  SparseVector both;
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    if (a.terms[i] < b.terms[k]) {
      ++i;
    } else if (b.terms[k] < a.terms[i]) {
      ++k;
    } else {
      both.terms.push_back(a.terms[i]);
      both.weights.push_back(a.weights[i++] * b.weights[k++]);
    }
  }
  return both;
}

}  // namespace

Json shared_terms(const ServingCache& cache, std::uint32_t user, const ItemEntry& item, std::size_t count) {
  const auto both = common_terms(cache.user_words().row(user), cache.item_words().row(item.words_row));
  std::unordered_map<std::uint32_t, std::string> names;
  const auto best = heaviest(both, std::min(count, both.size()));
  for (const auto position : best) names.emplace(both.terms[position], "");
  LineSource terms(CacheFiles{cache.folder()}.words() / cache_names::terms_list(cache.item_world()));
  std::uint32_t index = 0;
  for (std::string line; terms.next(line); ++index) {
    if (const auto it = names.find(index); it != names.end()) it->second = line;
  }
  Json out = Json::array();
  for (const auto position : best) out.push_back(names[both.terms[position]]);
  return out;
}

}  // namespace persona4rec
