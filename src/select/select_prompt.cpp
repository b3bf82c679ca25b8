#include "select/select_prompt.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/excerpt.hpp"
#include "base/html.hpp"
#include "base/rng.hpp"
#include "base/utf8.hpp"
#include "lexical/term_vector.hpp"

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

std::string shown_title(const HistoryReview& review) {
  return excerpt(review.review_title, kMaxTitleBytes);
}
std::string shown_summary(const HistoryReview& review) {
  return excerpt(review.summary, kMaxSummaryBytes);
}
std::string whole_text(const HistoryReview& review) {
  return excerpt(review.review_text.value_or(""), 0);
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

Json SelectPrompt::review_facts(const HistoryReview& review) const {
  const bool liked = is_liked(review, options_.split);
  if (!rendered_) return {{"liked", liked}};
  return {{"verdict", liked ? "Liked" : "Disliked"},
          {"liked", liked},
          {"rating", stars(review.rating)},
          {"title", shown_title(review)},
          {"summary", shown_summary(review)},
          {"text", whole_text(review)},
          {"excerpt", excerpt(review.review_text.value_or(""), kMaxTextBytes)}};
}

std::shared_ptr<const FactWords> SelectPrompt::words(const TargetWork& work,
                                                     const std::shared_ptr<const SharedItem>& item,
                                                     const std::vector<std::size_t>& order) const {
  auto made = std::make_shared<FactWords>(vocabulary_);
  std::vector<std::uint32_t> known;  // terms of all texts at hand
  const auto of_summary = [&](const HistoryReview& review) {
    if (known.empty()) {
      std::vector<std::string> texts;
      texts.reserve(work.earlier.size());
      for (const auto* each : work.earlier) texts.push_back(history_words_text(*each));
      std::ranges::set_union(terms_in(vocabulary_, texts), item->terms(vocabulary_), std::back_inserter(known));
    }
    return term_vector(vocabulary_, plain_text(shown_title(review) + "\n" + shown_summary(review)), known);
  };
  for (const auto* review : work.earlier) {
    // Published histories have no review text; the item's summary stands in, as far as its words are among the others.
    if (trim(review->review_text.value_or("")).empty()) {
      made->reviews.push_back(std::make_shared<const SparseVector>(of_summary(*review)));
      continue;
    }
    const auto& vector = work.history->vector_of(*review, [&] {
      return term_vector(vocabulary_, plain_text(shown_title(*review) + "\n" + whole_text(*review)));
    });
    made->reviews.emplace_back(work.history, &vector);
  }
  for (const auto i : order) made->personas.emplace_back(item, &item->vectors[i]);
  return made;
}

ChatRequest SelectPrompt::request(const TargetWork& work, const std::shared_ptr<const SharedItem>& item) const {
  const auto label = "user " + work.target.user_id.text() + ", item " + work.target.item_id.text();
  std::vector<std::size_t> order(item->personas.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng(options_.split.seed, label).shuffle(std::span(order));

  Json reviews = Json::array();
  for (const auto* review : work.earlier) reviews.push_back(review_facts(*review));
  Json personas = Json::array();
  Json ids = Json::array();
  for (const auto i : order) {
    personas.push_back(rendered_ ? item->facts[i] : Json{{"id", item->personas[i].id}});
    ids.push_back(item->personas[i].id);
  }
  Json facts = {{"reviews", std::move(reviews)}, {"personas", std::move(personas)}};
  if (rendered_) facts["item_summary"] = item->summary;
  Json schema = *prompt_.schema();
  schema["properties"]["selected_persona_id"]["enum"] = std::move(ids);
  const auto make = rendered_ ? &Prompt::request : &Prompt::bare_request;
  auto request = (prompt_.*make)(std::move(facts), label, options_.answers.sampling,
                                 std::make_shared<const Json>(std::move(schema)));
  if (!rendered_) request.words = words(work, item, order);
  return request;
}

}  // namespace persona4rec
