#include <algorithm>
#include <string>
#include <vector>

#include "offline/answers.hpp"

namespace persona4rec {
namespace {

constexpr double kRecency = 0.65;  // each older review counts so much of the next newer one
constexpr std::size_t kSharedWords = 5;

bool is_liked(const Json& review) {
  return review.at("liked").get<bool>();
}

// The user's reviews of one verdict as one unit vector, newer ones heavier. `reviews` are oldest first.
SparseVector profile_of(const Json& reviews, bool liked, const FactWords& words) {
  std::vector<WeightedView> parts;
  double weight = 1;
  for (std::size_t i = reviews.size(); i-- > 0;) {
    if (is_liked(reviews[i]) != liked) continue;
    parts.push_back({*words.reviews[i], weight});
    weight *= kRecency;
  }
  return unit(weighted_sum(parts));
}

// Words that make the most of a likeness.
std::string shared_words(const SparseVector& a, const SparseVector& b, const Vocabulary& vocabulary) {
  SparseVector products;
  std::size_t at = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    while (at < b.size() && b.terms[at] < a.terms[i]) ++at;
    if (at == b.size() || b.terms[at] != a.terms[i]) continue;
    products.terms.push_back(a.terms[i]);
    products.weights.push_back(a.weights[i] * b.weights[at]);
  }
  std::string text;
  for (const auto position : heaviest(products, kSharedWords)) {
    text += (text.empty() ? "" : ", ") + std::string(vocabulary.term(products.terms[position]));
  }
  return text;
}

}  // namespace

Json offline_selection(const Json& facts, const FactWords& words) {
  const auto& reviews = facts.at("reviews");
  const bool any_liked = std::ranges::any_of(reviews, is_liked);
  const auto profile = profile_of(reviews, any_liked, words);
  // With nothing liked, the persona that has least in common with what was disliked.
  std::vector<double> scores;
  scores.reserve(words.personas.size());
  for (const auto& persona : words.personas) scores.push_back((any_liked ? 1 : -1) * dot(profile, *persona));
  const auto best = static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
  std::string reasoning;
  if (!any_liked) {
    reasoning = "Nothing was liked before; this persona has the fewest words in common with what was disliked.";
  } else if (const auto shared = shared_words(profile, *words.personas.at(best), words.vocabulary); !shared.empty()) {
    reasoning = "The liked reviews and this persona share these words most: " + shared + ".";
  } else {
    reasoning = "The liked reviews share no telling word with any persona; this one came first in the shuffled order.";
  }
  return {{"selection_reasoning", std::move(reasoning)},
          {"selected_persona_id", facts.at("personas").at(best).at("id")}};
}

}  // namespace persona4rec
