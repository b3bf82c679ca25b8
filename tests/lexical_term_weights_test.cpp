#include <gtest/gtest.h>

#include "lexical/term_weights.hpp"

namespace persona4rec {
namespace {

TEST(TermWeights, VectorsEqualThoseOfTheVocabularyTheyCameFrom) {
  const std::vector<std::string> texts{"quiet harp, quiet night", "loud drums at night", "a harp and drums", "élan"};
  VocabularyBuilder builder{WordTokenizer(StopWords::resolve("english"))};
  for (const auto& text : texts) builder.add(text);
  const auto vocabulary = builder.build({.min_documents = 1, .max_document_share = 1});
  const std::vector<std::string> some{texts[0], texts[1]};
  const Json json = term_weights_json(vocabulary, some);
  const TermWeights weights(Json::parse(json.dump()));

  EXPECT_EQ(json.size(), 5U) << "drums harp loud night quiet: the texts' terms and no other";
  EXPECT_FALSE(json.contains("at"));
  for (const auto& text : some) {
    const auto expected = vocabulary.vector(text);
    const auto got = weights.vector(text);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(weights.term(got.terms[i]), vocabulary.term(expected.terms[i]));
      EXPECT_NEAR(got.weights[i], expected.weights[i], 1e-6);
    }
  }
  EXPECT_TRUE(weights.vector("nothing known").empty());
}

TEST(TermWeights, TermsOfTextsAreEachThereOnceInByteOrder) {
  VocabularyBuilder builder{WordTokenizer(StopWords::resolve("english"))};
  builder.add("quiet harp and loud drums");
  const auto vocabulary = builder.build({.min_documents = 1, .max_document_share = 1});
  const std::vector<std::string> texts{"the loud harp, LOUD", "a harp of nothing known"};
  const auto terms = terms_in(vocabulary, texts);
  ASSERT_EQ(terms.size(), 2U);
  EXPECT_EQ(vocabulary.term(terms[0]), "harp");
  EXPECT_EQ(vocabulary.term(terms[1]), "loud");
  EXPECT_EQ(term_weights_json(vocabulary, terms), term_weights_json(vocabulary, texts));
  EXPECT_EQ(term_weights_json(vocabulary, terms).dump().substr(0, 8), R"({"harp":)");
}

TEST(TermWeights, AWordAmongFewTermsWeighsWhatItWeighsAmongMany) {
  Json few = {{"drums", 2.0}, {"harp", 1.5}};
  Json many = few;
  for (int i = 0; i < 500; ++i) many["x" + std::to_string(i)] = 1.0;
  const std::string text = "harp, drums; drums and drums";
  EXPECT_EQ(TermWeights(few).vector(text), TermWeights(many).vector(text));
  EXPECT_EQ(TermWeights(few).vector(text).terms, (std::vector<std::uint32_t>{0, 1}));
}

TEST(TermWeights, AVectorOfTheWholeVocabularyHasTheSameBits) {
  VocabularyBuilder builder{WordTokenizer(StopWords::resolve("english"))};
  builder.add("quiet harp, quiet night, drums");
  builder.add("quiet drums by night");
  builder.add("zither");
  const auto vocabulary = builder.build({.min_documents = 1, .max_document_share = 1});
  const std::vector<std::string> texts{"quiet harp, Quiet night: night and night"};
  const auto terms = terms_in(vocabulary, texts);
  const TermWeights weights(term_weights_json(vocabulary, terms));
  const auto whole = term_vector(vocabulary, texts[0]);
  const auto part = weights.vector(texts[0]);
  EXPECT_EQ(whole.weights, part.weights);
  ASSERT_EQ(whole.terms, terms);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(vocabulary.term(whole.terms[i]), weights.term(part.terms[i]));
  }
  EXPECT_EQ(term_vector(vocabulary, texts[0] + " zither", terms), whole) << "no word beside the terms given";
  EXPECT_NE(term_vector(vocabulary, texts[0] + " zither"), whole);
}

TEST(TermWeights, AnythingButNumbersIsNoTerm) {
  EXPECT_EQ(TermWeights(Json()).size(), 0U);
  EXPECT_EQ(TermWeights(Json({{"a", "b"}, {"word", 2.0}})).size(), 1U);
}

}  // namespace
}  // namespace persona4rec
