#include "offline/review_groups.hpp"

#include <algorithm>
#include <utility>

#include "base/html.hpp"
#include "base/utf8.hpp"
#include "offline/clusters.hpp"
#include "offline/cues.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr double kDislikedTo = 2.0;  // ratings of at most so much, where the facts do not say
constexpr std::size_t kMaxQuotableBytes = 300;
constexpr std::size_t kFewestWords = 5;  // of a sentence that can stand alone

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

}  // namespace

TermWeights weights_of(const Json& facts) {
  const auto idf = facts.find("idf");
  return idf == facts.end() ? TermWeights(Json()) : TermWeights(*idf);
}

std::vector<OfflineReview> read_reviews(const Json& facts, const TermWeights& weights) {
  const auto disliked = facts.value("disliked_to", kDislikedTo);
  std::vector<OfflineReview> reviews;
  for (const auto& given : facts.at("reviews")) {
    const auto title = plain_text(given.value("title", ""));
    const auto text = plain_text(given.value("text", ""));
    std::string whole = title;
    whole += '\n';
    whole += text;
    OfflineReview review{.id = given.at("id").get<std::string>(),
                         .disliked = is_disliked(given.at("rating"), disliked),
                         .text = {},
                         .words = weights.vector(whole),
                         .sentences = {}};
    auto sentences = sentences_of(text);
    if (!trim(title).empty()) sentences.insert(sentences.begin(), std::string(trim(title)));
    for (auto& sentence : sentences) {
      const auto words = sentence.size() <= kMaxQuotableBytes ? words_in(sentence) : std::vector<TextWord>();
      const bool quotable = words.size() >= kFewestWords;
      auto vector = quotable ? weights.vector(sentence) : SparseVector();
      const auto judging = quotable ? judging_words(words) : 0;
      review.sentences.push_back({std::move(sentence), std::move(vector), judging, quotable});
    }
    if (review.sentences.empty()) {
      whole[title.size()] = ' ';
      review.text = std::move(whole);
    }
    reviews.push_back(std::move(review));
  }
  return reviews;
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
