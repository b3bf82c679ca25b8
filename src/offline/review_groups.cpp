#include "offline/review_groups.hpp"

#include <algorithm>
#include <utility>

#include "base/bulk/sort_distinct.hpp"
#include "base/html.hpp"
#include "base/utf8.hpp"
#include "lexical/term_vector.hpp"
#include "lexical/word_tokenizer.hpp"
#include "offline/clusters.hpp"
#include "offline/cues.hpp"
#include "offline/fact_text.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr double kDislikedTo = 2.0;  // ratings of at most so much, where the facts do not say
constexpr std::size_t kMaxQuotableBytes = 300;
constexpr std::size_t kFewestWords = 5;         // of a sentence that can stand alone
constexpr std::size_t kMostKeptWords = 30'000;  // of an item, about 2 MB

// `members` in `count` groups by content.
void add_groups(std::vector<ReviewGroup>& groups, const std::vector<OfflineReview>& reviews,
                const std::vector<std::size_t>& members, std::size_t count, std::size_t terms) {
  if (members.empty()) return;
  std::vector<SparseVector> points;
  points.reserve(members.size());
  for (const auto member : members) points.push_back(reviews[member].words);
  const auto clusters = cluster_points(points, count, terms);
  const auto first = groups.size();
  groups.resize(first + count, ReviewGroup{.members = {}, .critical = reviews[members.front()].disliked});
  for (std::size_t i = 0; i < members.size(); ++i) groups[first + clusters[i]].members.push_back(members[i]);
}

void set_centres(std::vector<ReviewGroup>& groups, const std::vector<OfflineReview>& reviews, std::size_t terms) {
  SparseSum sum(terms);
  for (auto& group : groups) {
    for (const auto member : group.members)
      sum.add(reviews[member].words, 1.0 / static_cast<double>(group.members.size()));
    group.centre = sum.take();
  }
}

// Ratings may be unknown: a text.
bool is_disliked(const Json& rating, double disliked_to) {
  return rating.is_number() && rating.get<double>() <= disliked_to;
}

// Numbers the terms of the reviews from 0, in their order: what is laid out by term stays small.
TermTable renumber(const Vocabulary& vocabulary, std::vector<OfflineReview>& reviews) {
  std::vector<std::uint32_t> numbers(vocabulary.size(), 0);
  std::vector<std::uint32_t> terms;
  for (const auto& review : reviews) {
    for (const auto term : review.words.terms) {
      if (std::exchange(numbers[term], 1) == 0) terms.push_back(term);
    }
  }
  std::ranges::sort(terms);
  for (std::uint32_t i = 0; i < terms.size(); ++i) numbers[terms[i]] = i;
  for (auto& review : reviews) {
    for (auto& term : review.words.terms) term = numbers[term];
    for (auto& sentence : review.sentences) {
      for (auto& term : sentence.terms) term = numbers[term];
    }
  }
  TermTable table;
  table.reserve(terms.size());
  for (const auto term : terms) table.intern(vocabulary.term(term));
  return table;
}

// Reads an item's reviews, one after the other, each word once. Terms are the vocabulary's.
class ReviewReader {
 public:
  explicit ReviewReader(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  void read(const Json& given, OfflineReview& review) {
    review.text = plain_text(fact_text(given, "title"));
    const auto title_bytes = review.text.size();
    review.text += '\n';
    review.text += plain_text(fact_text(given, "text"));
    const auto title = trim(std::string_view(review.text).substr(0, title_bytes));
    const auto text = std::string_view(review.text).substr(title_bytes + 1);
    auto sentences = sentences_of(text);
    if (!title.empty()) sentences.insert(sentences.begin(), title);
    std::vector<std::uint32_t> found;
    review.sentences.resize(sentences.size());
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      review.sentences[i].text = sentences[i];
      read_sentence(review.sentences[i], found);
    }
    if (may_hide_terms(text)) {
      found.clear();
      add_terms(review.text, found);
    }
    review.words = term_vector(vocabulary_, std::move(found));
  }

 private:
  // "___" is a word and no sentence.
  static bool may_hide_terms(std::string_view text) { return text.find("__") != std::string_view::npos; }

  void read_sentence(OfflineSentence& sentence, std::vector<std::uint32_t>& found) {
    if (sentence.text.size() > kMaxQuotableBytes) return add_terms(sentence.text, found);
    const auto begin = static_cast<std::ptrdiff_t>(found.size());
    auto words = words_in(sentence.text);
    for (const auto& word : words) add_word(word, found);
    sentence.quotable = words.size() >= kFewestWords;
    if (sentence.quotable) {
      sentence.terms.assign(found.begin() + begin, found.end());
      sort_distinct(sentence.terms);
      sentence.judging = judging_words(words);
    }
    kept_ += words.size();
    if (kept_ <= kMostKeptWords) sentence.words = std::move(words);
  }

  // Of letters, it is what the tokenizer makes of it; of others a part may be.
  void add_word(const TextWord& word, std::vector<std::uint32_t>& found) const {
    if (!word.letters) return add_terms(word.text, found);
    if (word.text.size() < WordTokenizer::kMinCharacters) return;
    if (const auto term = vocabulary_.find(word.lower)) found.push_back(*term);
  }

  void add_terms(std::string_view text, std::vector<std::uint32_t>& found) const {
    vocabulary_.for_each_term(text, [&](std::uint32_t term) { found.push_back(term); });
  }

  const Vocabulary& vocabulary_;
  std::size_t kept_ = 0;  // words
};

}  // namespace

OfflineItem read_reviews(const Json& facts, const Vocabulary& vocabulary) {
  const auto disliked = facts.value("disliked_to", kDislikedTo);
  const auto& given = facts.at("reviews");
  std::vector<OfflineReview> reviews(given.size());
  ReviewReader reader(vocabulary);
  for (std::size_t i = 0; i < given.size(); ++i) {
    reviews[i].id = given[i].at("id").get<std::string>();
    reviews[i].disliked = is_disliked(given[i].at("rating"), disliked);
    reader.read(given[i], reviews[i]);
  }
  auto table = renumber(vocabulary, reviews);
  return {std::move(table), std::move(reviews)};
}

std::vector<ReviewGroup> group_reviews(const std::vector<OfflineReview>& reviews, std::size_t count,
                                       std::size_t terms) {
  std::vector<std::size_t> critical;
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < reviews.size(); ++i) {
    (reviews[i].disliked && count > 1 ? critical : others).push_back(i);
  }
  std::size_t critical_count =
      critical.empty() ? 0 : std::max<std::size_t>(1, count * critical.size() / reviews.size());
  if (others.empty()) critical_count = count;
  if (!others.empty()) critical_count = std::min(critical_count, count - 1);
  // As many groups as asked for, but no more than members.
  critical_count = std::max(std::min(critical_count, critical.size()), count - std::min(count, others.size()));
  std::vector<ReviewGroup> groups;
  add_groups(groups, reviews, others, count - critical_count, terms);
  add_groups(groups, reviews, critical, critical_count, terms);
  set_centres(groups, reviews, terms);
  std::ranges::stable_sort(
      groups, [](const ReviewGroup& a, const ReviewGroup& b) { return a.members.size() > b.members.size(); });
  return groups;
}

std::vector<ReviewGroup> groups_of(const std::vector<OfflineReview>& reviews,
                                   const std::vector<std::vector<std::size_t>>& members, std::size_t terms) {
  std::vector<ReviewGroup> groups;
  groups.reserve(members.size());
  for (const auto& of_group : members) {
    groups.push_back({.members = of_group, .critical = reviews[of_group.front()].disliked, .centre = {}});
  }
  set_centres(groups, reviews, terms);
  return groups;
}

}  // namespace persona4rec
