// TF-IDF against scikit-learn (scripts/make_lexical_golden.py).
#include <gtest/gtest.h>

#include <fstream>

#include "lexical/vocabulary.hpp"
#include "persona4rec/json.hpp"
#include "support/paths.hpp"

namespace persona4rec {
namespace {

Json read_golden() {
  std::ifstream in(test::source_dir() / "tests/golden/lexical.json");
  return Json::parse(in);
}

class LexicalGolden : public testing::Test {
 protected:
  LexicalGolden() {
    for (const auto& document : golden_["documents"]) {
      corpus_.add(document["text"].get<std::string>());
      held_out_.push_back(document["held_out"].get<bool>() ? 1 : 0);
    }
    words_ = corpus_.fit({.min_documents = golden_["min_documents"].get<std::size_t>(),
                          .max_document_share = golden_["max_document_share"].get<double>()},
                         held_out_);
  }

  Json golden_ = read_golden();
  TermCorpus corpus_{WordTokenizer(StopWords(golden_["stop_words"].get<std::vector<std::string>>()))};
  std::vector<std::uint8_t> held_out_;
  Vocabulary words_;
};

TEST_F(LexicalGolden, SameTermsAndIdf) {
  ASSERT_EQ(words_.size(), golden_["terms"].size());
  for (std::uint32_t term = 0; term < words_.size(); ++term) {
    EXPECT_EQ(words_.term(term), golden_["terms"][term].get<std::string>());
    EXPECT_NEAR(words_.idf(term), golden_["idf"][term].get<double>(), 1e-12);
  }
}

TEST_F(LexicalGolden, SameVectors) {
  const SparseMatrix rows = corpus_.vectors(words_);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const Json& expected = golden_["vectors"][i];
    ASSERT_EQ(rows.row(i).size(), expected.size()) << "document " << i;
    for (std::size_t k = 0; k < rows.row(i).size(); ++k) {
      const std::string term(words_.term(rows.row(i).terms[k]));
      EXPECT_NEAR(rows.row(i).weights[k], expected.at(term).get<double>(), 1e-7) << "document " << i << ", " << term;
    }
  }
}

TEST_F(LexicalGolden, SameCosines) {
  const SparseMatrix rows = corpus_.vectors(words_);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (std::size_t j = 0; j < rows.rows(); ++j) {
      EXPECT_NEAR(dot(rows.row(i), rows.row(j)), golden_["cosines"][i][j].get<double>(), 1e-7);
    }
  }
}

}  // namespace
}  // namespace persona4rec
