#include <algorithm>
#include <string>
#include <vector>

#include "lexical/term_weights.hpp"
#include "offline/answers.hpp"
#include "offline/review_groups.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr double kRecency = 0.65;  // each older review counts so much of the next newer one
constexpr std::size_t kSharedWords = 5;

// The user's reviews of one verdict as one unit vector, newer ones heavier. `reviews` are oldest first.
SparseVector profile_of(const Json& reviews, bool liked, const TermWeights& weights) {
  SparseSum sum(weights.size());
  double weight = 1;
  for (auto review = reviews.rbegin(); review != reviews.rend(); ++review) {
    if (review->value("liked", false) != liked) continue;
    // Published histories have no review text; the item's summary stands in.
    const auto text = review->value("text", "");
    sum.add(weights.vector(
                plain_text(review->value("title", "") + "\n" + (text.empty() ? review->value("summary", "") : text))),
            weight);
    weight *= kRecency;
  }
  return unit(sum.take());
}

std::vector<SparseVector> persona_vectors(const Json& personas, const TermWeights& weights) {
  std::vector<SparseVector> vectors;
  for (const auto& persona : personas) {
    vectors.push_back(weights.vector(persona.value("name", "") + "\n" + persona.value("description", "") + "\n" +
                                     persona.value("rationale", "")));
  }
  return vectors;
}

// Words that make the most of a likeness.
std::string shared_words(const SparseVector& a, const SparseVector& b, const TermWeights& weights) {
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
    text += (text.empty() ? "" : ", ") + std::string(weights.term(products.terms[position]));
  }
  return text;
}

}  // namespace

Json offline_selection(const Json& facts) {
  const auto weights = weights_of(facts);
  const auto liked = profile_of(facts.at("reviews"), true, weights);
  const auto disliked = profile_of(facts.at("reviews"), false, weights);
  const auto& personas = facts.at("personas");
  const auto vectors = persona_vectors(personas, weights);
  const bool any_liked =
      std::ranges::any_of(facts.at("reviews"), [](const Json& review) { return review.value("liked", false); });
  // With nothing liked, the persona that has least in common with what was disliked.
  const auto score = [&](const SparseVector& persona) {
    return any_liked ? dot(liked, persona) : -dot(disliked, persona);
  };
  const auto best = std::ranges::max_element(vectors, {}, score);
  const auto& chosen = personas.at(static_cast<std::size_t>(best - vectors.begin()));
  std::string reasoning;
  if (!any_liked) {
    reasoning = "Nothing was liked before; this persona has the fewest words in common with what was disliked.";
  } else if (const auto words = shared_words(liked, *best, weights); !words.empty()) {
    reasoning = "The liked reviews and this persona share these words most: " + words + ".";
  } else {
    reasoning = "The liked reviews share no telling word with any persona; this one came first in the shuffled order.";
  }
  return {{"selection_reasoning", std::move(reasoning)}, {"selected_persona_id", chosen.at("id")}};
}

}  // namespace persona4rec
