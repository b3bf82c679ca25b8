// What the offline provider writes of any reviews: personas that the check of their stage takes. A line is a review:
// its first character says the rating, the rest is the text.
#include <algorithm>
#include <stdexcept>

#include "asking/shown_reviews.hpp"
#include "base/utf8.hpp"
#include "fuzz/fuzz_target.hpp"
#include "lexical/vocabulary.hpp"
#include "offline/answers.hpp"
#include "personas/persona_problem.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMostReviews = 40;

ShownReviews reviews_of(std::string_view input) {
  ShownReviews shown;
  for (std::size_t number = 0; !input.empty() && number < kMostReviews; ++number) {
    const auto line = fuzz::take_line(input);
    if (line.empty()) continue;
    AspectRow review{.review_id = ReviewId(std::to_string(number), true)};
    review.rating = {.value = static_cast<double>(static_cast<unsigned char>(line.front()) % 6)};
    review.review_text = valid_utf8(line.substr(1));
    shown.add(std::move(review));
  }
  return shown;
}

Vocabulary words_of(const ShownReviews& shown) {
  VocabularyBuilder words{WordTokenizer(StopWords::resolve("english"))};
  for (const auto& review : shown.reviews) words.add(review_words_text(review));
  return words.build({.min_documents = 1, .max_document_share = 1});
}

Json facts_of(const ShownReviews& shown) {
  Json reviews = Json::array();
  for (const auto& review : shown.reviews) reviews.push_back(review_facts(review, 0));
  const std::size_t least = reviews.size() == 1 ? 1 : 2;  // as the stage's schema has it
  return {{"reviews", reviews},
          {"min_personas", least},
          {"max_personas", std::max(least, std::min<std::size_t>(7, reviews.size()))}};
}

}  // namespace

FUZZ_TARGET(offline_answers) {
  const auto shown = reviews_of(input);
  if (shown.reviews.empty()) return;
  const Json facts = facts_of(shown);
  const auto answer = offline_personas(facts, words_of(shown), offline_persona_count(facts), persona_problem);
  if (const auto problem = persona_problem(answer); !problem.empty()) {
    throw std::logic_error(problem + ": " + answer.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
}

}  // namespace persona4rec
