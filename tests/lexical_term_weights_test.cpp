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

TEST(TermWeights, AnythingButNumbersIsNoTerm) {
  EXPECT_EQ(TermWeights(Json()).size(), 0U);
  EXPECT_EQ(TermWeights(Json({{"a", "b"}, {"word", 2.0}})).size(), 1U);
}

}  // namespace
}  // namespace persona4rec
