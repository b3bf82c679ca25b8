#include "rerank/reranked_row.hpp"

namespace persona4rec {

void reranked_row(const PlainList& list, const ListScores& scores, const ServingCache& cache, RerankedItems& row) {
  row.user = list.user;
  row.user_is_integer = list.user_is_integer;
  row.items.clear();
  for (const auto i : scores.order) {
    RerankedItem& item = row.items.emplace_back();
    item.candidate = list.items[i];
    item.score = scores.score[i];
    item.base_rank = i + 1;
    if (const auto persona = scores.persona[i]; persona != kNoPersona) {
      item.persona_id = &cache.persona_id(persona);
      item.persona_name = &cache.persona_name(persona);
      item.persona_score = scores.persona_score[i];
    }
  }
}

}  // namespace persona4rec
