#include "rerank/reranked_row.hpp"

namespace persona4rec {

RerankedRow reranked_row(const CandidateRow& list, const ListScores& scores, const ServingCache& cache) {
  RerankedRow row{.user_id = list.user_id, .results = {}};
  row.results.reserve(list.results.size());
  for (const auto i : scores.order) {
    const auto& candidate = list.results[i];
    RerankedCandidate& result = row.results.emplace_back();
    result.item_id = candidate.item_id;
    result.score = scores.score[i];
    result.base_score = candidate.score;
    result.base_rank = i + 1;
    if (const auto persona = scores.persona[i]; persona != kNoPersona) {
      result.persona_id = cache.persona_id(persona);
      result.persona_name = cache.persona_name(persona);
      result.persona_score = scores.persona_score[i];
    }
  }
  return row;
}

}  // namespace persona4rec
