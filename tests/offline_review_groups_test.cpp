// offline/review_groups.hpp: what is read of an item's reviews.
#include "offline/review_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "lexical/term_vector.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {
namespace {

using testing::ElementsAre;

const std::vector<std::pair<std::string, std::string>> kTexts = {
    {"Great", "Don't re-play the_2nd album! It's well-made, isn't it? ___ __!"},
    {"", "Größe ist ALLES. ÄRGER über Çd’e; 日本語 R2-D2 a1 O'Brien's."},
    {"  Title\nof two ", std::string(40, 'q') + " long " + std::string(300, 'w') + " sentence re-play Größe"},
    {"", "..."},
    {"", "__"},
};

Vocabulary vocabulary_of_texts() {
  VocabularyBuilder builder{WordTokenizer()};
  for (const auto& [title, text] : kTexts) builder.add(title + "\n" + text);
  return builder.build({.min_documents = 1, .max_document_share = 1});
}

Json facts_of_texts() {
  Json reviews = Json::array();
  for (const auto& [title, text] : kTexts) {
    reviews.push_back({{"id", std::to_string(reviews.size())}, {"rating", 5}, {"title", title}, {"text", text}});
  }
  return {{"reviews", std::move(reviews)}};
}

std::vector<std::string> terms_of(const TermTable& table, const std::vector<std::uint32_t>& terms) {
  std::vector<std::string> names;
  for (const auto term : terms) names.emplace_back(table.term(term));
  return names;
}

TEST(OfflineReviews, HaveTheTermsThatTheirTextsHave) {
  const auto vocabulary = vocabulary_of_texts();
  const auto [table, reviews] = read_reviews(facts_of_texts(), vocabulary);
  ASSERT_EQ(reviews.size(), kTexts.size());
  for (std::size_t i = 0; i < reviews.size(); ++i) {
    const auto expected = term_vector(vocabulary, kTexts[i].first + "\n" + kTexts[i].second);
    std::vector<std::string> names;
    for (const auto term : expected.terms) names.emplace_back(vocabulary.term(term));
    EXPECT_EQ(terms_of(table, reviews[i].words.terms), names) << i;
    EXPECT_EQ(reviews[i].words.weights, expected.weights) << i;
  }
}

TEST(OfflineReviews, HaveTheTermsOfSentencesThatCanBeQuoted) {
  const auto [table, reviews] = read_reviews(facts_of_texts(), vocabulary_of_texts());
  const auto& sentences = reviews[0].sentences;
  ASSERT_EQ(sentences.size(), 3U) << "signs alone are no sentence";
  EXPECT_EQ(sentences[0].text, "Great");
  EXPECT_FALSE(sentences[0].quotable);
  EXPECT_EQ(sentences[2].text, "It's well-made, isn't it?");
  EXPECT_FALSE(sentences[1].quotable);
  EXPECT_TRUE(reviews[1].sentences[1].quotable) << "five words";
  EXPECT_THAT(terms_of(table, reviews[1].sentences[1].terms),
              ElementsAre("a1", "brien", "d2", "r2", "ärger", "çd", "über", "日本語"));
  EXPECT_FALSE(reviews[2].sentences.back().quotable) << "too long";
  EXPECT_TRUE(reviews[3].sentences.empty());
}

// So that the words of a sentence hold all terms of it.
TEST(OfflineReviews, ACharacterIsOneOfWordsInSmallLettersToo) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    EXPECT_EQ(is_word(c), is_word(lower_code_point(c))) << static_cast<std::uint32_t>(c);
  }
}

}  // namespace
}  // namespace persona4rec
