#include <gtest/gtest.h>

#include "lexical/term_weights.hpp"

namespace persona4rec {
namespace {

// A vocabulary of the texts' words, by the texts as documents.
Vocabulary vocabulary_of(const std::vector<std::string>& texts) {
  VocabularyBuilder builder{WordTokenizer(StopWords::resolve("english"))};
  for (const auto& text : texts) builder.add(text);
  return builder.build({.min_documents = 1, .max_document_share = 1});
}

TEST(TermWeights, SomeTermsMakeTheVectorOfAllBitForBit) {
  const std::vector<std::string> texts{"quiet harp, Quiet night: night and night", "loud drums at night", "zither"};
  const auto vocabulary = vocabulary_of(texts);
  const auto terms = terms_in(vocabulary, std::span(texts).first(1));
  const TermWeights some(vocabulary, terms);
  ASSERT_EQ(some.size(), 3U) << "harp night quiet: the text's terms and no other";
  EXPECT_FALSE(some.find("and"));
  EXPECT_FALSE(some.find("drums"));

  const auto whole = term_vector(vocabulary, texts[0]);
  const auto part = some.vector(texts[0]);
  ASSERT_EQ(whole.terms, terms);
  EXPECT_EQ(part.terms, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(part.weights, whole.weights);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(some.term(part.terms[i]), vocabulary.term(whole.terms[i]));
  EXPECT_EQ(term_vector(vocabulary, texts[0] + " zither", terms), whole) << "no word beside the terms given";
  EXPECT_NE(term_vector(vocabulary, texts[0] + " zither"), whole);

  const auto expected = vocabulary.vector(texts[0]);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(whole.weights[i], expected.weights[i], 1e-6);
  EXPECT_TRUE(some.vector("nothing known").empty());
  EXPECT_TRUE(term_vector(Vocabulary(), texts[0]).empty());
}

TEST(TermWeights, TermsOfTextsAreEachThereOnceInByteOrder) {
  const auto vocabulary = vocabulary_of({"quiet harp and loud drums"});
  const std::vector<std::string> texts{"the loud harp, LOUD", "a harp of nothing known"};
  const auto terms = terms_in(vocabulary, texts);
  ASSERT_EQ(terms.size(), 2U);
  EXPECT_EQ(vocabulary.term(terms[0]), "harp");
  EXPECT_EQ(vocabulary.term(terms[1]), "loud");
}

TEST(TermWeights, AWordAmongFewTermsWeighsWhatItWeighsAmongMany) {
  std::string many = "drums";
  for (int i = 0; i < 500; ++i) many += " x" + std::to_string(i);
  const auto vocabulary = vocabulary_of({many, "harp drums"});
  const std::string text = "harp, drums; drums and drums";
  const auto terms = terms_in(vocabulary, std::vector{text});
  const auto among_few = TermWeights(vocabulary, terms).vector(text);
  const auto among_many = term_vector(vocabulary, text);
  EXPECT_EQ(among_few.weights, among_many.weights);
  EXPECT_EQ(among_many.terms, (std::vector<std::uint32_t>{0, 1}));
}

}  // namespace
}  // namespace persona4rec
