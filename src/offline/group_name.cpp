#include "offline/group_name.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "asking/sensitive_traits.hpp"
#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "offline/noun_phrases.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kNameParts = 3;
constexpr std::size_t kNamedReviews = 500;  // of a group, evenly spread: more would say the same
constexpr std::size_t kPhraseParts = 2;
constexpr std::size_t kNameTerms = 10;  // heaviest terms or phrases that a name may use

bool has_letter_or_digit(std::string_view term) {
  return std::ranges::any_of(
      term, [](char c) { return is_ascii_lower(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80; });
}

// [terms] members of the group that have the term.
std::vector<std::uint32_t> reviews_with_term(const ReviewGroup& group, const std::vector<OfflineReview>& reviews,
                                             std::size_t terms) {
  std::vector<std::uint32_t> holders(terms, 0);
  for (const auto member : group.members) {
    for (const auto term : reviews[member].words.terms) ++holders[term];
  }
  return holders;
}

// What is heavier in the group than in the others and in many of its reviews, first the most so.
std::vector<std::uint32_t> distinguishing_terms(const std::vector<ReviewGroup>& groups, std::size_t group,
                                                const std::vector<OfflineReview>& reviews, const TermTable& table) {
  SparseSum sum(table.size());
  sum.add(groups[group].centre);
  for (std::size_t other = 0; other < groups.size(); ++other) {
    if (other != group) sum.add(groups[other].centre, -1.0 / static_cast<double>(groups.size() - 1));
  }
  auto difference = sum.take();
  const auto holders = reviews_with_term(groups[group], reviews, table.size());
  for (std::size_t at = 0; at < difference.size(); ++at) {
    const auto share =
        static_cast<float>(holders[difference.terms[at]]) / static_cast<float>(groups[group].members.size());
    difference.weights[at] *= share;
  }
  std::vector<std::uint32_t> found;
  for (const auto at : heaviest(difference, kNameTerms)) {
    if (difference.weights[at] > 0 && has_letter_or_digit(table.term(difference.terms[at]))) {
      found.push_back(difference.terms[at]);
    }
  }
  return found;
}

// Capitals at the beginning of a sentence and in whole words ("MASTERPIECE") are no spelling; "DVD" and "AKUS" are.
bool is_shouted(std::string_view word) {
  constexpr std::size_t kLongestAcronym = 4;
  return word.size() > kLongestAcronym && lower_utf8(word.substr(1)) != word.substr(1) &&
         std::ranges::none_of(word, is_ascii_lower);
}

std::string most_frequent(const std::map<std::string, std::size_t>& forms) {
  return std::ranges::max_element(forms, {}, [](const auto& form) { return form.second; })->first;
}

// How a group writes its terms, and which of them it writes side by side.
class Spelling {
 public:
  Spelling(const std::vector<OfflineReview>& reviews, const ReviewGroup& group, const std::vector<std::uint32_t>& terms,
           const TermTable& table) {
    for (const auto member : group.members) {
      for (const auto& sentence : reviews[member].sentences) read(sentence.text, terms, table);
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
  void read(std::string_view sentence, const std::vector<std::uint32_t>& terms, const TermTable& table) {
    constexpr auto kNoTerm = static_cast<std::uint32_t>(-1);
    auto before = kNoTerm;
    for (const auto& word : words_in(sentence)) {
      const auto stem = word.lower.substr(0, word.lower.find('\''));
      auto term = table.find(stem).value_or(kNoTerm);
      if (std::ranges::find(terms, term) == terms.end()) term = kNoTerm;
      if (term != kNoTerm) {
        ++counts_[term];
        const bool as_written = word.begin > 0 && !is_shouted(word.text);
        forms_[term][std::string(as_written ? word.text.substr(0, stem.size()) : stem)] += as_written ? 2 : 1;
        if (before != kNoTerm && word.joined) ++pairs_[{before, term}];
      }
      before = term;
    }
  }

  std::map<std::uint32_t, std::map<std::string, std::size_t>> forms_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> pairs_;
  std::map<std::uint32_t, std::size_t> counts_;
};

// Where no noun phrase is shared: single words that set the group apart.
std::string name_of_terms(const std::vector<ReviewGroup>& groups, std::size_t group,
                          const std::vector<OfflineReview>& reviews, const TermTable& table) {
  const auto terms = distinguishing_terms(groups, group, reviews, table);
  const Spelling spelling(reviews, groups[group], terms, table);
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
  return name;
}

}  // namespace

PhraseNames::PhraseNames(const std::vector<ReviewGroup>& groups, const std::vector<OfflineReview>& reviews)
    : sizes_(groups.size(), 0) {
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& members = groups[g].members;
    sizes_[g] = std::min(members.size(), kNamedReviews);
    for (std::size_t i = 0; i < sizes_[g]; ++i) add_review(reviews[members[i * members.size() / sizes_[g]]], g);
  }
}

void PhraseNames::add_review(const OfflineReview& review, std::size_t group) {
  ++reviews_;
  for (const auto& sentence : review.sentences) {
    if (sentence.words.empty()) {
      add_sentence(sentence.text, words_in(sentence.text), group);
    } else {
      add_sentence(sentence.text, sentence.words, group);
    }
  }
}

void PhraseNames::add_sentence(std::string_view sentence, std::span<const TextWord> words, std::size_t group) {
  for (const auto& found : noun_phrases(sentence, words)) {
    const auto key = keys_.intern(found.key);
    if (key == phrases_.size()) {
      phrases_.push_back({.may_be_said = !is_sensitive(found.text)});
      having_.resize(having_.size() + sizes_.size(), 0);
    }
    auto& phrase = phrases_[key];
    if (std::exchange(phrase.last_review, reviews_) == reviews_ || !phrase.may_be_said)
      continue;  // a review counts once
    ++having_[key * sizes_.size() + group];
    if (found.text == found.key) {
      ++phrase.as_key;
      continue;
    }
    const auto known = std::ranges::find(phrase.others, found.text, &Written::text);
    if (known == phrase.others.end()) {
      phrase.others.push_back({found.text, 1});
    } else {
      ++known->reviews;
    }
  }
}

// The most frequent one, of those that are as frequent the first by its bytes.
std::string_view PhraseNames::spelling(std::size_t phrase) const {
  Written best{keys_.term(static_cast<std::uint32_t>(phrase)), phrases_[phrase].as_key};
  for (const auto& other : phrases_[phrase].others) {
    if (other.reviews > best.reviews || (other.reviews == best.reviews && other.text < best.text)) best = other;
  }
  return best.text;
}

// Share of the group's reviews that have the phrase, less the others' share; longer phrases say more. A phrase of a
// single review says little, unless the group has no more than two.
double PhraseNames::score(std::size_t phrase, std::size_t group) const {
  constexpr std::size_t kSmallGroup = 2;
  constexpr double kSingleWord = 0.5;  // of two words and more: 1
  const auto* having = &having_[phrase * sizes_.size()];
  const std::size_t inside = having[group];
  if (inside < 2 && sizes_[group] > kSmallGroup) return 0;
  std::size_t all = 0;
  std::size_t outside = 0;
  for (std::size_t g = 0; g < sizes_.size(); ++g) {
    if (g == group) continue;
    all += sizes_[g];
    outside += having[g];
  }
  const double share = static_cast<double>(inside) / static_cast<double>(sizes_[group]);
  const double other = all == 0 ? 0 : static_cast<double>(outside) / static_cast<double>(all);
  const auto words =
      1 + static_cast<std::size_t>(std::ranges::count(keys_.term(static_cast<std::uint32_t>(phrase)), ' '));
  return (share - other) * share / (share + other) * (words == 1 ? kSingleWord : 1.0);
}

std::string PhraseNames::of(std::size_t group) const {
  struct Scored {
    double value;
    std::string_view key;
    std::size_t phrase;
  };
  std::vector<Scored> order;
  for (std::size_t phrase = 0; phrase < phrases_.size(); ++phrase) {
    const double value = phrases_[phrase].may_be_said ? score(phrase, group) : 0;
    if (value > 0) order.push_back({value, keys_.term(static_cast<std::uint32_t>(phrase)), phrase});
  }
  const auto kept = std::min<std::size_t>(order.size(), kNameTerms);
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(kept), [](const auto& a, const auto& b) {
    return a.value != b.value ? a.value > b.value : a.key < b.key;
  });
  std::string name;
  std::set<std::string> used;
  std::size_t parts = 0;
  for (std::size_t i = 0; i < kept && parts < kPhraseParts; ++i) {
    const auto words = words_in(order[i].key);
    bool news = false;
    for (const auto& word : words) news |= used.emplace(word.lower).second;
    const auto said = lower_utf8(name);
    const bool repeats =
        std::ranges::any_of(words, [&](const TextWord& word) { return said.find(word.lower) != std::string::npos; });
    if (!news || repeats) continue;
    name += name.empty() ? "" : ", ";
    name += spelling(order[i].phrase);
    ++parts;
  }
  return name;
}

std::string group_name(const std::vector<ReviewGroup>& groups, std::size_t group, const PhraseNames& phrases,
                       const std::vector<OfflineReview>& reviews, const TermTable& table) {
  auto name = phrases.of(group);
  if (name.empty()) name = name_of_terms(groups, group, reviews, table);
  if (name.empty()) return {};
  return groups[group].critical ? "Not for me: " + name : with_ascii_capital(name);
}

}  // namespace persona4rec
