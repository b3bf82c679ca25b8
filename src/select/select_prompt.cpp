#include "select/select_prompt.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/excerpt.hpp"
#include "base/rng.hpp"
#include "lexical/term_weights.hpp"
#include "select/persona_store.hpp"

namespace persona4rec {
namespace {

// What a prompt shows of each text: with 6 reviews and 7 personas about 4,000 tokens at most.
constexpr std::size_t kMaxTitleBytes = 200;
constexpr std::size_t kMaxTextBytes = 300;
constexpr std::size_t kMaxSummaryBytes = 300;
constexpr std::size_t kMaxItemSummaryBytes = 800;
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxDescriptionBytes = 900;
constexpr std::size_t kMaxRationaleBytes = 500;

bool is_liked(const HistoryReview& review, const SplitOptions& split) {
  return review.rating.value >= split.liked_from;
}
bool is_judged(const HistoryReview& review, const SplitOptions& split) {
  return is_liked(review, split) || review.rating.value <= disliked_to(split.liked_from);
}

Json review_facts(const HistoryReview& review, bool liked) {
  return {{"verdict", liked ? "Liked" : "Disliked"},
          {"liked", liked},
          {"rating", stars(review.rating)},
          {"title", excerpt(review.review_title, kMaxTitleBytes)},
          {"excerpt", excerpt(review.review_text.value_or(""), kMaxTextBytes)},
          {"summary", excerpt(review.summary, kMaxSummaryBytes)},
          {"text", excerpt(review.review_text.value_or(""), 0)}};
}

Json option_facts(const PersonaEntry& entry) {
  return {{"id", entry.persona.id},
          {"name", excerpt(entry.persona.name, kMaxNameBytes)},
          {"description", excerpt(entry.persona.description, kMaxDescriptionBytes)},
          {"rationale", excerpt(entry.persona.preference_rationale, kMaxRationaleBytes)}};
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

SelectPrompt::SelectPrompt(const SelectOptions& options, const Vocabulary& vocabulary)
    : options_(options), vocabulary_(vocabulary), prompt_(Prompt::load(options.prompts, "select")) {
  require_answer_fields(prompt_, {"selected_persona_id", "selection_reasoning"});
}

ChatRequest SelectPrompt::request(const TargetRow& target, const std::vector<PersonaEntry>& personas,
                                  const std::vector<HistoryReview>& reviews) const {
  const auto label = "user " + target.user_id.text() + ", item " + target.item_id.text();
  std::vector<std::size_t> order(personas.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng(options_.split.seed, label).shuffle(std::span(order));

  Json facts = {{"item_summary", excerpt(personas.front().item_summary, kMaxItemSummaryBytes)},
                {"reviews", Json::array()},
                {"personas", Json::array()}};
  Json ids = Json::array();
  std::vector<std::string> texts;
  for (const auto& review : reviews) {
    facts["reviews"].push_back(review_facts(review, is_liked(review, options_.split)));
    texts.push_back(history_words_text(review));
  }
  for (const auto i : order) {
    facts["personas"].push_back(option_facts(personas[i]));
    ids.push_back(personas[i].persona.id);
    texts.push_back(persona_words_text(personas[i]));
  }
  facts["idf"] = term_weights_json(vocabulary_, texts);
  Json schema = *prompt_.schema();
  schema["properties"]["selected_persona_id"]["enum"] = std::move(ids);
  return prompt_.request(std::move(facts), label, options_.answers.sampling,
                         std::make_shared<const Json>(std::move(schema)));
}

}  // namespace persona4rec
