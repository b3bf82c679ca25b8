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

// A review of the facts without tags.
struct PlainReview {
  explicit PlainReview(const Json& given)
      : title(plain_text(given.value("title", ""))), text(plain_text(given.value("text", ""))) {}
  [[nodiscard]] std::string whole(char between) const { return title + between + text; }

  std::string title;
  std::string text;
};

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
  }
  TermTable table;
  table.reserve(terms.size());
  for (const auto term : terms) table.intern(vocabulary.term(term));
  return table;
}

// Each once, ascending.
std::vector<std::uint32_t> terms_in(const TermTable& table, std::string_view text) {
  std::vector<std::uint32_t> terms;
  WordTokenizer::for_each_word(text, [&](std::string_view word) {
    if (const auto term = table.find(word)) terms.push_back(*term);
  });
  sort_distinct(terms);
  return terms;
}

// Reads the sentences of an item's reviews, one after the other.
class SentenceReader {
 public:
  explicit SentenceReader(const TermTable& table) : table_(table) {}

  void read(const PlainReview& plain, OfflineReview& review) {
    auto texts = sentences_of(plain.text);
    if (!trim(plain.title).empty()) texts.insert(texts.begin(), trim(plain.title));
    if (texts.empty()) review.text = plain.whole(' ');
    review.sentences = std::vector<OfflineSentence>(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      auto& sentence = review.sentences[i];
      sentence.text = texts[i];
      if (sentence.text.size() <= kMaxQuotableBytes) read_words(sentence);
    }
  }

 private:
  void read_words(OfflineSentence& sentence) {
    auto words = words_in(sentence.text);
    sentence.quotable = words.size() >= kFewestWords;
    if (sentence.quotable) {
      sentence.terms = terms_in(table_, sentence.text);
      sentence.judging = judging_words(words);
    }
    kept_ += words.size();
    if (kept_ <= kMostKeptWords) sentence.words = std::move(words);
  }

  const TermTable& table_;
  std::size_t kept_ = 0;  // words
};

}  // namespace

OfflineItem read_reviews(const Json& facts, const Vocabulary& vocabulary) {
  const auto disliked = facts.value("disliked_to", kDislikedTo);
  const auto& given = facts.at("reviews");
  std::vector<OfflineReview> reviews(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    reviews[i].id = given[i].at("id").get<std::string>();
    reviews[i].disliked = is_disliked(given[i].at("rating"), disliked);
    reviews[i].words = term_vector(vocabulary, PlainReview(given[i]).whole('\n'));
  }
  auto table = renumber(vocabulary, reviews);
  SentenceReader reader(table);
  for (std::size_t i = 0; i < given.size(); ++i) reader.read(PlainReview(given[i]), reviews[i]);
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
