#include "select/select_prompt.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/excerpt.hpp"
#include "base/rng.hpp"
#include "lexical/term_weights.hpp"

namespace persona4rec {
namespace {

// What a prompt shows of a review.
constexpr std::size_t kMaxTitleBytes = 200;
constexpr std::size_t kMaxTextBytes = 300;
constexpr std::size_t kMaxSummaryBytes = 300;

bool is_liked(const HistoryReview& review, const SplitOptions& split) {
  return review.rating.value >= split.liked_from;
}
bool is_judged(const HistoryReview& review, const SplitOptions& split) {
  return is_liked(review, split) || review.rating.value <= disliked_to(split.liked_from);
}

Json review_facts(const HistoryReview& review, bool liked, bool rendered) {
  Json facts = {{"verdict", liked ? "Liked" : "Disliked"},
                {"liked", liked},
                {"rating", stars(review.rating)},
                {"title", excerpt(review.review_title, kMaxTitleBytes)},
                {"summary", excerpt(review.summary, kMaxSummaryBytes)},
                {"text", excerpt(review.review_text.value_or(""), 0)}};
  if (rendered) facts["excerpt"] = excerpt(review.review_text.value_or(""), kMaxTextBytes);  // prompts alone show it
  return facts;
}

std::string history_words_text(const HistoryReview& review) {
  return review.review_title + "\n" + review.review_text.value_or("");
}

}  // namespace

std::vector<const HistoryReview*> judged_reviews(const std::vector<const HistoryReview*>& earlier,
                                                 const SelectOptions& options) {
  std::vector<const HistoryReview*> reviews;
  for (auto review = earlier.rbegin(); review != earlier.rend() && reviews.size() < options.newest; ++review) {
    if (is_judged(**review, options.split)) reviews.push_back(*review);
  }
  std::ranges::reverse(reviews);
  return reviews;
}

SelectPrompt::SelectPrompt(const SelectOptions& options, const Vocabulary& vocabulary, bool rendered)
    : options_(options),
      vocabulary_(vocabulary),
      rendered_(rendered),
      prompt_(Prompt::load(options.prompts, "select")) {
  require_answer_fields(prompt_, {"selected_persona_id", "selection_reasoning"});
}

ChatRequest SelectPrompt::request(const TargetRow& target, const SharedItem& item,
                                  const std::vector<const HistoryReview*>& reviews) const {
  const auto label = "user " + target.user_id.text() + ", item " + target.item_id.text();
  std::vector<std::size_t> order(item.personas.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng(options_.split.seed, label).shuffle(std::span(order));

  Json facts = {{"item_summary", item.summary}, {"reviews", Json::array()}, {"personas", Json::array()}};
  Json ids = Json::array();
  std::vector<std::string> texts;
  for (const auto* review : reviews) {
    facts["reviews"].push_back(review_facts(*review, is_liked(*review, options_.split), rendered_));
    texts.push_back(history_words_text(*review));
  }
  for (const auto i : order) {
    facts["personas"].push_back(item.facts[i]);
    ids.push_back(item.personas[i].id);
  }
  std::vector<std::uint32_t> terms;
  std::ranges::set_union(terms_in(vocabulary_, texts), item.terms, std::back_inserter(terms));
  facts["idf"] = term_weights_json(vocabulary_, terms);
  Json schema = *prompt_.schema();
  schema["properties"]["selected_persona_id"]["enum"] = std::move(ids);
  const auto make = rendered_ ? &Prompt::request : &Prompt::bare_request;
  return (prompt_.*make)(std::move(facts), label, options_.answers.sampling,
                         std::make_shared<const Json>(std::move(schema)));
}

}  // namespace persona4rec
