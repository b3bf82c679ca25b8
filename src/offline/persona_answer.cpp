#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "asking/sensitive_traits.hpp"
#include "base/excerpt.hpp"
#include "base/utf8.hpp"
#include "offline/answers.hpp"
#include "offline/group_name.hpp"
#include "offline/quoter.hpp"
#include "offline/review_groups.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kReviewsPerPersona = 3;
constexpr std::size_t kMaxDescriptionBytes = 700;
constexpr std::size_t kMaxRationaleBytes = 280;
constexpr std::size_t kMaxSentenceBytes = 300;
constexpr std::size_t kMaxNameBytes = 60;  // of a name that is the beginning of the description

constexpr const char* kNothing = "Says nothing more.";

// What is left to say when nothing can be quoted: the beginning of the first review.
std::string any_words(const ReviewGroup& group, const std::vector<OfflineReview>& reviews) {
  const auto& review = reviews[group.members.front()];
  const auto words = review.sentences.empty() ? std::string_view(review.text) : review.sentences.front().text;
  if (is_sensitive(words)) return kNothing;
  auto sentence = as_sentence(excerpt(words, kMaxSentenceBytes));
  return trim(sentence).empty() ? kNothing : sentence;  // a review of a single tag or sign
}

Json support_of(const ReviewGroup& group, const std::vector<OfflineReview>& reviews) {
  Json ids = Json::array();
  for (const auto member : group.members) ids.push_back(reviews[member].id);
  return ids;
}

// "2nd", "11th".
std::string ordinal(std::size_t number) {
  const auto last = number / 10 % 10 == 1 ? 0 : number % 10;
  return std::to_string(number) + (last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

// Descriptions that repeat one before, and then all that come later while the check finds two alike, say at least which
// view they stand for; what was quoted stands in the rationale.
void tell_apart(Json& answer, const AnswerCheck& check) {
  auto& personas = answer.at("personas");
  const auto say_which = [&](std::size_t i) {
    personas[i].at("Description") = std::string(kNothing) + " The " + ordinal(i + 1) + " view.";
  };
  std::set<std::string> seen;
  for (std::size_t i = 0; i < personas.size(); ++i) {
    if (!seen.insert(lower_utf8(personas[i].at("Description").get_ref<const std::string&>())).second) say_which(i);
  }
  for (std::size_t i = personas.size(); i-- > 1 && !check(answer).empty();) say_which(i);
}

// A persona a group.
Json personas_of(const std::vector<ReviewGroup>& groups, const std::vector<OfflineReview>& reviews,
                 const TermTable& table) {
  const PhraseNames phrases(groups, reviews);
  std::set<std::string> names;
  Quoter quoter(reviews, table.size());
  Json personas = Json::array();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    auto rationale = quoter.quote(groups[g], kMaxRationaleBytes, true);  // first: the view itself
    auto description = quoter.quote(groups[g], kMaxDescriptionBytes, false);
    if (description.empty()) description = rationale.empty() ? any_words(groups[g], reviews) : rationale;
    if (rationale.empty()) rationale = any_words(groups[g], reviews);
    for (auto* text : {&description, &rationale}) {
      if (is_sensitive(*text)) *text = kNothing;
    }
    auto name = group_name(groups, g, phrases, reviews, table);
    // A name of harmless parts, a song's title say, may read as a trait of people.
    if (name.empty() || is_sensitive(name)) name = excerpt(description, kMaxNameBytes);
    if (name == kNothing || is_sensitive(name)) name = "Reader";
    while (!names.insert(lower_utf8(name)).second) name += " " + std::to_string(g + 1);
    personas.push_back({{"Name", std::move(name)},
                        {"Description", std::move(description)},
                        {"Preference_Rationale", std::move(rationale)},
                        {"Affinities", Json::array()},
                        {"support", support_of(groups[g], reviews)}});
  }
  return {{"personas", std::move(personas)}};
}

}  // namespace

std::size_t offline_persona_count(const Json& facts) {
  const std::size_t reviews = facts.at("reviews").size();
  const std::size_t wanted = (reviews + kReviewsPerPersona - 1) / kReviewsPerPersona;
  const auto least = facts.value("min_personas", std::size_t{1});
  const auto most = std::max(least, facts.value("max_personas", reviews));
  return std::min(reviews, std::clamp(wanted, least, most));
}

Json offline_personas(const Json& facts, const Vocabulary& words, std::size_t count, const AnswerCheck& check) {
  const auto [table, reviews] = read_reviews(facts, words);
  const auto least = std::min(count, facts.value("min_personas", std::size_t{1}));
  for (;; --count) {
    auto answer = personas_of(group_reviews(reviews, count, table.size()), reviews, table);
    const bool passes = !check || check(answer).empty();
    if (!passes && count > least) continue;
    if (!passes) tell_apart(answer, check);
    return answer;
  }
}

Json offline_personas_of(const Json& facts, const Vocabulary& words,
                         const std::vector<std::vector<std::size_t>>& groups) {
  const auto [table, reviews] = read_reviews(facts, words);
  return personas_of(groups_of(reviews, groups, table.size()), reviews, table);
}

}  // namespace persona4rec
