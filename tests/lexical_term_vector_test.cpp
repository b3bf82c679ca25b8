#include <gtest/gtest.h>

#include "lexical/term_vector.hpp"

namespace persona4rec {
namespace {

// A vocabulary of the texts' words, by the texts as documents.
Vocabulary vocabulary_of(const std::vector<std::string>& texts) {
  VocabularyBuilder builder{WordTokenizer(StopWords::resolve("english"))};
  for (const auto& text : texts) builder.add(text);
  return builder.build({.min_documents = 1, .max_document_share = 1});
}

TEST(TermVector, IsTheVocabularysButForRounding) {
  const std::vector<std::string> texts{"quiet harp, Quiet night: night and night", "loud drums at night", "zither"};
  const auto vocabulary = vocabulary_of(texts);
  const auto got = term_vector(vocabulary, texts[0]);
  const auto expected = vocabulary.vector(texts[0]);
  ASSERT_EQ(got.terms, expected.terms);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got.weights[i], expected.weights[i], 1e-6);
  EXPECT_EQ(term_vector(vocabulary, texts[0] + " zither", got.terms), got) << "no word beside the terms given";
  EXPECT_NE(term_vector(vocabulary, texts[0] + " zither"), got);
  EXPECT_TRUE(term_vector(vocabulary, "nothing known").empty());
}

TEST(TermVector, TermsOfTextsAreEachThereOnceInByteOrder) {
  const auto vocabulary = vocabulary_of({"quiet harp and loud drums"});
  const std::vector<std::string> texts{"the loud harp, LOUD", "a harp of nothing known"};
  const auto terms = terms_in(vocabulary, texts);
  ASSERT_EQ(terms.size(), 2U);
  EXPECT_EQ(vocabulary.term(terms[0]), "harp");
  EXPECT_EQ(vocabulary.term(terms[1]), "loud");
}

TEST(TermVector, AWordWeighsTheSameHoweverManyTermsThereAre) {
  std::string many;
  for (int i = 0; i < 500; ++i) many += " x" + std::to_string(i);
  const std::string text = "harp, drums; drums and drums";
  const auto of_few = term_vector(vocabulary_of({"drums", "harp drums"}), text);
  const auto of_many = term_vector(vocabulary_of({"drums" + many, "harp drums"}), text);
  EXPECT_EQ(of_few, of_many) << "counted in a table, and sorted";
  EXPECT_EQ(of_few.terms, (std::vector<std::uint32_t>{0, 1}));
}

}  // namespace
}  // namespace persona4rec
