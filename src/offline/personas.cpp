#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/excerpt.hpp"
#include "base/utf8.hpp"
#include "lexical/term_weights.hpp"
#include "offline/answers.hpp"
#include "offline/clusters.hpp"
#include "offline/cues.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr double kCriticalRating = 2.0;  // at most: "Disliked"
constexpr std::size_t kReviewsPerPersona = 3;
constexpr std::size_t kNameParts = 3;
constexpr std::size_t kNameTerms = 10;  // heaviest terms that a name may use
constexpr std::size_t kMaxDescriptionBytes = 700;
constexpr std::size_t kMaxRationaleBytes = 280;
constexpr std::size_t kMaxSentenceBytes = 300;
constexpr std::size_t kFewestWords = 5;  // of a sentence that can stand alone

struct Sentence {
  std::string text;
  SparseVector words;
  std::size_t judging = 0;
  bool quotable = false;
};

struct Review {
  std::string id;
  double rating = 0;
  std::string text;
  SparseVector words;
  std::vector<Sentence> sentences;  // the title first
};

struct Group {
  std::vector<std::size_t> members;
  bool critical = false;
  SparseVector centre;  // mean of the members' vectors
};

// Texts that stand for one group: greedy by how much of what is typical of the group a sentence adds.
class Quoter {
 public:
  Quoter(const std::vector<Review>& reviews, std::set<std::string>& used) : reviews_(reviews), used_(used) {}

  std::string quote(const Group& group, std::size_t max_bytes, bool judging) {
    std::vector<double> open(group.centre.weights.begin(), group.centre.weights.end());  // weight not yet covered
    std::vector<std::pair<std::size_t, std::size_t>> chosen;                             // {member, sentence}
    std::size_t bytes = 0;
    for (;;) {
      const auto best = best_sentence(group, open, max_bytes - bytes, judging);
      if (!best) break;
      const auto& sentence = reviews_[best->first].sentences[best->second];
      bytes += sentence.text.size() + 1;
      cover(group.centre, sentence.words, open);
      used_.insert(lower_utf8(sentence.text));
      chosen.push_back(*best);
      if (bytes >= max_bytes) break;
    }
    std::ranges::sort(chosen);
    std::string text;
    for (const auto& [member, sentence] : chosen) {
      text += (text.empty() ? "" : " ") + as_sentence(reviews_[member].sentences[sentence].text);
    }
    return text;
  }

 private:
  using Choice = std::optional<std::pair<std::size_t, std::size_t>>;

  [[nodiscard]] Choice best_sentence(const Group& group, const std::vector<double>& open, std::size_t room,
                                     bool judging) const {
    Choice best;
    double highest = 0;
    for (const auto member : group.members) {
      for (std::size_t s = 0; s < reviews_[member].sentences.size(); ++s) {
        const auto& sentence = reviews_[member].sentences[s];
        if (!sentence.quotable || sentence.text.size() > room || (judging && sentence.judging == 0)) continue;
        const double score = gain(group.centre, sentence, open);
        if (score <= highest || used_.contains(lower_utf8(sentence.text))) continue;
        highest = score;
        best = {member, s};
      }
    }
    return best;
  }

  // Weight of the group's terms that the sentence would add, for its length.
  static double gain(const SparseVector& centre, const Sentence& sentence, const std::vector<double>& open) {
    double sum = 0;
    std::size_t at = 0;
    for (const auto term : sentence.words.terms) {
      while (at < centre.terms.size() && centre.terms[at] < term) ++at;
      if (at < centre.terms.size() && centre.terms[at] == term) sum += open[at];
    }
    return sum / std::sqrt(static_cast<double>(sentence.text.size()));
  }

  static void cover(const SparseVector& centre, const SparseVector& words, std::vector<double>& open) {
    for (std::size_t at = 0; at < centre.terms.size(); ++at) {
      if (std::ranges::binary_search(words.terms, centre.terms[at])) open[at] = 0;
    }
  }

  const std::vector<Review>& reviews_;
  std::set<std::string>& used_;  // sentences quoted so far, of all personas
};

std::vector<Review> read_reviews(const Json& facts, const TermWeights& weights) {
  std::vector<Review> reviews;
  for (const auto& given : facts.at("reviews")) {
    const auto title = plain_text(given.value("title", ""));
    const auto text = plain_text(given.value("text", ""));
    Review review{.id = given.at("id").get<std::string>(),
                  .rating = given.at("rating").get<double>(),
                  .text = title + " " + text,
                  .words = weights.vector(title + "\n" + text),
                  .sentences = {}};
    auto sentences = sentences_of(text);
    if (!trim(title).empty()) sentences.insert(sentences.begin(), std::string(trim(title)));
    for (auto& sentence : sentences) {
      const bool quotable = sentence.size() <= kMaxSentenceBytes && words_in(sentence).size() >= kFewestWords;
      auto words = weights.vector(sentence);
      const auto judging = judging_words(sentence);
      review.sentences.push_back({std::move(sentence), std::move(words), judging, quotable});
    }
    reviews.push_back(std::move(review));
  }
  return reviews;
}

// `members` in `count` groups by content.
void add_groups(std::vector<Group>& groups, const std::vector<Review>& reviews, const std::vector<std::size_t>& members,
                std::size_t count, std::size_t terms) {
  if (members.empty()) return;
  std::vector<SparseVector> points;
  for (const auto member : members) points.push_back(reviews[member].words);
  const auto clusters = cluster_points(points, count, terms);
  const auto first = groups.size();
  groups.resize(first + count, Group{.members = {}, .critical = reviews[members.front()].rating <= kCriticalRating});
  for (std::size_t i = 0; i < members.size(); ++i) groups[first + clusters[i]].members.push_back(members[i]);
}

// Critical reviews never share a group with others where there is room for two groups.
std::vector<Group> group_reviews(const std::vector<Review>& reviews, std::size_t count, std::size_t terms) {
  std::vector<std::size_t> critical;
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < reviews.size(); ++i) {
    (reviews[i].rating <= kCriticalRating && count > 1 ? critical : others).push_back(i);
  }
  std::size_t critical_count =
      critical.empty() ? 0 : std::max<std::size_t>(1, count * critical.size() / reviews.size());
  if (others.empty()) critical_count = count;
  if (!others.empty()) critical_count = std::min(critical_count, count - 1);
  // As many groups as asked for, but no more than members.
  critical_count = std::max(std::min(critical_count, critical.size()), count - std::min(count, others.size()));
  std::vector<Group> groups;
  add_groups(groups, reviews, others, count - critical_count, terms);
  add_groups(groups, reviews, critical, critical_count, terms);
  SparseSum sum(terms);
  for (auto& group : groups) {
    for (const auto member : group.members)
      sum.add(reviews[member].words, 1.0 / static_cast<double>(group.members.size()));
    group.centre = sum.take();
  }
  std::ranges::stable_sort(groups, [](const Group& a, const Group& b) { return a.members.size() > b.members.size(); });
  return groups;
}

bool has_letter_or_digit(std::string_view term) {
  return std::ranges::any_of(term, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
  });
}

// What is heavier in the group than in the others and in many of its reviews, first the most so.
std::vector<std::uint32_t> distinguishing_terms(const std::vector<Group>& groups, std::size_t group,
                                                const std::vector<Review>& reviews, const TermWeights& weights) {
  SparseSum sum(weights.size());
  sum.add(groups[group].centre);
  for (std::size_t other = 0; other < groups.size(); ++other) {
    if (other != group) sum.add(groups[other].centre, -1.0 / static_cast<double>(groups.size() - 1));
  }
  auto difference = sum.take();
  for (std::size_t at = 0; at < difference.size(); ++at) {
    const auto members = std::ranges::count_if(groups[group].members, [&](std::size_t member) {
      return std::ranges::binary_search(reviews[member].words.terms, difference.terms[at]);
    });
    const auto share = static_cast<float>(members) / static_cast<float>(groups[group].members.size());
    difference.weights[at] *= share;
  }
  std::vector<std::uint32_t> found;
  for (const auto at : heaviest(difference, kNameTerms)) {
    if (difference.weights[at] > 0 && has_letter_or_digit(weights.term(difference.terms[at]))) {
      found.push_back(difference.terms[at]);
    }
  }
  return found;
}

// Capitals at the beginning of a sentence and in whole words ("MASTERPIECE") are no spelling; "DVD" and "AKUS" are.
bool is_shouted(std::string_view word) {
  constexpr std::size_t kLongestAcronym = 4;
  return word.size() > kLongestAcronym && lower_utf8(word.substr(1)) != word.substr(1) &&
         std::ranges::none_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

// How a group writes its terms, and which of them it writes side by side.
class Spelling {
 public:
  Spelling(const std::vector<Review>& reviews, const Group& group, const std::vector<std::uint32_t>& terms,
           const TermWeights& weights) {
    for (const auto member : group.members) {
      for (const auto& sentence : reviews[member].sentences) read(sentence.text, terms, weights);
    }
  }

  [[nodiscard]] std::string of(std::uint32_t term) const {
    const auto found = forms_.find(term);
    return found == forms_.end() ? std::string() : most_frequent(found->second);
  }

  // "Brian Wilson" where "brian" mostly stands before "wilson", else the term alone; `used` gets both.
  [[nodiscard]] std::string phrase_of(std::uint32_t term, std::set<std::uint32_t>& used) const {
    used.insert(term);
    for (const auto& [pair, count] : pairs_) {
      const auto [left, right] = pair;
      if (left == right || (left != term && right != term)) continue;
      const auto partner = left == term ? right : left;
      if (used.contains(partner) || count < 2 || count * 2 < std::min(counts_.at(left), counts_.at(right))) continue;
      used.insert(partner);
      return of(left) + " " + of(right);
    }
    return of(term);
  }

 private:
  void read(std::string_view sentence, const std::vector<std::uint32_t>& terms, const TermWeights& weights) {
    std::optional<std::uint32_t> before;
    for (const auto& word : words_in(sentence)) {
      const auto stem = word.lower.substr(0, word.lower.find_first_of("'"));
      auto term = weights.find(stem);
      if (term && std::ranges::find(terms, *term) == terms.end()) term.reset();
      if (term) {
        ++counts_[*term];
        const bool as_written = word.begin > 0 && !is_shouted(word.text);
        forms_[*term][std::string(as_written ? word.text.substr(0, stem.size()) : stem)] += as_written ? 2 : 1;
        if (before && word.joined) ++pairs_[{*before, *term}];
      }
      before = term;
    }
  }

  static std::string most_frequent(const std::map<std::string, std::size_t>& forms) {
    return std::ranges::max_element(forms, {}, [](const auto& form) { return form.second; })->first;
  }

  std::map<std::uint32_t, std::map<std::string, std::size_t>> forms_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> pairs_;
  std::map<std::uint32_t, std::size_t> counts_;
};

std::string with_capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string name_of(const std::vector<Group>& groups, std::size_t group, const std::vector<Review>& reviews,
                    const TermWeights& weights) {
  const auto terms = distinguishing_terms(groups, group, reviews, weights);
  const Spelling spelling(reviews, groups[group], terms, weights);
  std::set<std::uint32_t> used;
  std::string name;
  std::size_t parts = 0;
  for (const auto term : terms) {
    if (parts == kNameParts) break;
    const auto phrase = used.contains(term) ? std::string() : spelling.phrase_of(term, used);
    if (phrase.empty()) continue;
    name += (name.empty() ? "" : ", ") + phrase;
    ++parts;
  }
  if (name.empty()) return {};
  return groups[group].critical ? "Not for me: " + name : with_capital(name);
}

// What is left to say when nothing can be quoted: the beginning of the first review.
std::string any_words(const Group& group, const std::vector<Review>& reviews) {
  const auto& review = reviews[group.members.front()];
  const auto& words = review.sentences.empty() ? review.text : review.sentences.front().text;
  return as_sentence(excerpt(words, kMaxSentenceBytes));
}

Json support_of(const Group& group, const std::vector<Review>& reviews) {
  Json ids = Json::array();
  for (const auto member : group.members) ids.push_back(reviews[member].id);
  return ids;
}

}  // namespace

std::size_t offline_persona_count(const Json& facts) {
  const std::size_t reviews = facts.at("reviews").size();
  const std::size_t wanted = (reviews + kReviewsPerPersona - 1) / kReviewsPerPersona;
  const auto least = facts.value("min_personas", std::size_t{1});
  const auto most = std::max(least, facts.value("max_personas", reviews));
  return std::min(reviews, std::clamp(wanted, least, most));
}

Json offline_personas(const Json& facts, std::size_t count) {
  const TermWeights weights(facts.value("idf", Json::object()));
  const auto reviews = read_reviews(facts, weights);
  const auto groups = group_reviews(reviews, count, weights.size());
  std::set<std::string> used;
  std::set<std::string> names;
  Quoter quoter(reviews, used);
  Json personas = Json::array();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    auto description = quoter.quote(groups[g], kMaxDescriptionBytes, false);
    if (description.empty()) description = any_words(groups[g], reviews);
    auto rationale = quoter.quote(groups[g], kMaxRationaleBytes, true);
    if (rationale.empty()) rationale = any_words(groups[g], reviews);
    auto name = name_of(groups, g, reviews, weights);
    if (name.empty()) name = excerpt(description, 60);
    while (!names.insert(lower_utf8(name)).second) name += " " + std::to_string(g + 1);
    personas.push_back({{"Name", std::move(name)},
                        {"Description", std::move(description)},
                        {"Preference_Rationale", std::move(rationale)},
                        {"support", support_of(groups[g], reviews)}});
  }
  return {{"personas", std::move(personas)}};
}

}  // namespace persona4rec
