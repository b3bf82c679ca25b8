// The formulas against NumPy (scripts/make_matching_golden.py), to 1e-6.
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "matching/fusion.hpp"
#include "matching/grouped_rows.hpp"
#include "matching/head_map.hpp"
#include "matching/item_side.hpp"
#include "matching/persona_score.hpp"
#include "matching/persona_vector.hpp"
#include "matching/user_profile.hpp"
#include "matching/vectors.hpp"
#include "matching/weight_choice.hpp"
#include "matching/word_profile.hpp"
#include "persona4rec/json.hpp"
#include "support/paths.hpp"

namespace persona4rec {
namespace {

constexpr double kTolerance = 1e-6;

std::vector<float> flat(const Json& rows) {
  std::vector<float> values;
  for (const auto& row : rows) {
    for (const auto& value : row) values.push_back(value.get<float>());
  }
  return values;
}

void expect_near(std::span<const float> got, const Json& expected, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i].get<double>(), kTolerance) << what << " [" << i << "]";
  }
}

SparseMatrix sparse(const Json& rows) {
  SparseMatrix matrix;
  for (const auto& row : rows) {
    SparseVector vector;
    for (std::size_t term = 0; term < row.size(); ++term) {
      if (row[term].get<float>() == 0) continue;
      vector.terms.push_back(static_cast<std::uint32_t>(term));
      vector.weights.push_back(row[term].get<float>());
    }
    matrix.append(vector);
  }
  return matrix;
}

void expect_sparse_near(const SparseVector& got, const Json& expected, const std::string& what) {
  std::vector<float> dense(expected.size(), 0.0F);
  for (std::size_t i = 0; i < got.size(); ++i) dense[got.terms[i]] = got.weights[i];
  expect_near(dense, expected, what);
}

class MatchingGolden : public ::testing::Test {
 protected:
  MatchingGolden() : golden_(load()) {
    dimensions_ = golden_["mean"].size();
    x_ = flat(golden_["raw"]);
    user_ = golden_["user"].get<std::vector<std::uint32_t>>();
    item_ = golden_["item"].get<std::vector<std::uint32_t>>();
    item_side_ = golden_["item_side"].get<std::vector<std::uint8_t>>();
    mean_ = mean_of_rows({x_, dimensions_}, item_side_);
    center_rows(x_, mean_, 2);
    items_.emplace(VectorsView{x_, dimensions_}, RowsView{user_, item_, item_side_},
                   golden_["items"].get<std::size_t>());
    options_.k_recent = golden_["k_recent"];
    options_.gamma = golden_["gamma"];
  }

  static Json load() {
    std::ifstream in(test::source_dir() / "tests/golden/matching.json");
    return Json::parse(in);
  }

  [[nodiscard]] std::vector<std::uint32_t> liked(std::size_t user) const {
    return golden_["liked"][user].get<std::vector<std::uint32_t>>();
  }

  Json golden_;
  std::size_t dimensions_ = 0;
  std::vector<float> x_;
  std::vector<float> mean_;
  std::vector<std::uint32_t> user_;
  std::vector<std::uint32_t> item_;
  std::vector<std::uint8_t> item_side_;
  std::optional<ItemSide> items_;
  ProfileOptions options_;
};

TEST_F(MatchingGolden, Centring) {
  expect_near(mean_, golden_["mean"], "mean");
  for (std::size_t i = 0; i < golden_["x"].size(); ++i) {
    expect_near(VectorsView{x_, dimensions_}.row(i), golden_["x"][i], "x " + std::to_string(i));
  }
}

TEST_F(MatchingGolden, ItemMeansLeaveUsersOut) {
  std::vector<float> out(dimensions_);
  for (const auto& expected : golden_["item_means"]) {
    const auto without = expected["without"].get<std::vector<std::uint32_t>>();
    const bool found = items_->mean(expected["item"], without, out);
    EXPECT_EQ(found, !is_missing(out));
    expect_near(out, expected["vector"], "item mean " + expected.dump());
  }
}

TEST_F(MatchingGolden, UserProfiles) {
  const std::map<std::string, ProfileSide> sides = {
      {"own", ProfileSide::kOwn}, {"items", ProfileSide::kItems}, {"both", ProfileSide::kBoth}};
  std::vector<float> out(dimensions_);
  for (const auto& expected : golden_["profiles"]) {
    options_.side = sides.at(expected["side"]);
    const std::uint32_t user = expected["user"];
    user_profile(*items_, liked(user), std::span(&user, 1), options_, out);
    expect_near(out, expected["vector"], "profile " + expected.dump());
  }
}

TEST_F(MatchingGolden, PersonaVectors) {
  GroupedRows liked;
  for (const auto& rows : golden_["liked_item_side"]) liked.append(rows.get<std::vector<std::uint32_t>>());
  const PersonaVectorMaker maker(*items_, liked, options_);
  std::vector<float> out(dimensions_);
  for (const auto& expected : golden_["personas"]) {
    const auto support = expected["support"].get<std::vector<std::uint32_t>>();
    const PersonaEvidence persona{.item = expected["item"], .support = support, .text = {}};
    maker.support(persona, std::nullopt, out);
    expect_near(out, expected["support_vector"], "support");
    maker.readers(persona, std::nullopt, out);
    expect_near(out, expected["readers_vector"], "readers");
    maker.support(persona, 0, out);
    expect_near(out, expected["support_without_0"], "support without user 0");
    maker.readers(persona, 0, out);
    expect_near(out, expected["readers_without_0"], "readers without user 0");
  }
}

TEST_F(MatchingGolden, LinearMaps) {
  const auto weights = flat(golden_["head"]);
  const LinearMap map{.inputs = dimensions_, .outputs = dimensions_, .weights = weights};
  std::vector<float> out(dimensions_);
  for (std::size_t i = 0; i < golden_["mapped"].size(); ++i) {
    const bool found = map.apply(VectorsView{x_, dimensions_}.row(i), out);
    EXPECT_EQ(found, !is_missing(out));
    expect_near(out, golden_["mapped"][i], "mapped " + std::to_string(i));
  }
}

TEST_F(MatchingGolden, PersonaScores) {
  for (const auto& expected : golden_["scores"]) {
    const auto match = match_personas(expected["similarities"].get<std::vector<float>>(), golden_["alpha"]);
    EXPECT_NEAR(match.score, expected["score"].get<double>(), kTolerance);
    EXPECT_EQ(match.best, expected["best"].get<std::size_t>());
  }
}

TEST_F(MatchingGolden, StandardizedChannel) {
  std::vector<double> values;
  for (const auto& value : golden_["channel"]["values"]) {
    values.push_back(value.is_null() ? kNoValue : value.get<double>());
  }
  std::vector<double> z(values.size());
  standardize(values, z);
  for (std::size_t i = 0; i < z.size(); ++i) {
    EXPECT_NEAR(z[i], golden_["channel"]["z"][i].get<double>(), kTolerance);
  }
}

TEST_F(MatchingGolden, WordProfiles) {
  const Json& words = golden_["words"];
  const SparseMatrix x = sparse(words["x"]);
  SparseSum sum(words["x"][0].size());
  SparseMatrix items;
  for (std::size_t i = 0; i < words["item_rows"].size(); ++i) {
    const auto vector = item_words(x, words["item_rows"][i].get<std::vector<std::uint32_t>>(), sum);
    expect_sparse_near(vector, words["items"][i], "item words " + std::to_string(i));
    items.append(vector);
  }
  const auto item_of_row = words["item_of_row"].get<std::vector<std::uint32_t>>();
  const auto liked = words["liked"].get<std::vector<std::uint32_t>>();
  expect_sparse_near(user_words(WordTables<SparseMatrix>{&x, &items, item_of_row}, liked, options_, sum), words["user"],
                     "user words");
}

TEST_F(MatchingGolden, ChosenWeights) {
  const Json& choice = golden_["choice"];
  FitData data(choice["grid"].size());
  for (std::size_t list = 0; list < choice["z"].size(); ++list) {
    data.begin_list(choice["target"][list]);
    for (const auto& z : choice["z"][list]) data.add_candidate(z.get<std::vector<double>>().data());
  }
  const auto start = choice["start"].get<std::vector<double>>();
  const auto chosen = choose_weights(data, start, choice["grid"], 2);
  EXPECT_EQ(chosen.weights, choice["weights"].get<std::vector<double>>());
  const auto start_ndcg = list_ndcg(data, start);
  const auto ndcg = list_ndcg(data, chosen.weights);
  for (std::size_t list = 0; list < ndcg.size(); ++list) {
    EXPECT_NEAR(start_ndcg[list], choice["start_ndcg"][list].get<double>(), 1e-12);
    EXPECT_NEAR(ndcg[list], choice["ndcg"][list].get<double>(), 1e-12);
  }
}

}  // namespace
}  // namespace persona4rec
