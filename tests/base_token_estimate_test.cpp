#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/excerpt.hpp"
#include "base/token_estimate.hpp"
#include "persona4rec/json.hpp"
#include "support/paths.hpp"
#include "support/shared_data.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

TEST(TokenEstimate, CountsWordsPiecesAndMarks) {
  EXPECT_EQ(estimate_tokens(""), 0U);
  EXPECT_GE(estimate_tokens("The cat is on the mat."), 7U);
  EXPECT_LE(estimate_tokens("The cat is on the mat."), 12U);
  EXPECT_GE(estimate_tokens("123456"), 6U) << "some vocabularies hold digits one by one";
  EXPECT_GE(estimate_tokens("日本語"), 6U) << "most vocabularies need pieces for these";
  EXPECT_GT(estimate_tokens("THIS ALBUM IS BRILLIANT"), estimate_tokens("this album is brilliant"));
}

TEST(TokenEstimate, AnotherLanguageCostsMore) {
  EXPECT_GT(estimate_tokens("excelente calidad y muy buenas condiciones"),
            estimate_tokens("excellent quality and in very good condition"));
}

TEST(TokenEstimate, ComparesAsItCounts) {
  const std::string prose = "This one is as good as the first that I had, and it was cheaper. We play it every night. ";
  std::vector<std::string> texts = {"",          " ",          "A",        "I, I! A", "  \n\n \t x",
                                    "ABCDEF GH", "日本語 Ü é", "\xFF\xFE", "1 2 33",  prose};
  for (const auto* piece : {"Xa ", "x ", "Q!", "AB", "é", "日", "7", "\n", "  ", "a.b,c;", "\xFF"}) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += piece;
    texts.push_back(std::move(text));
  }
  for (int i = 0; i < 6; ++i) texts.push_back(texts[9] + texts.back());
  for (const auto& text : texts) {
    const auto tokens = estimate_tokens(text);
    for (const auto most : {tokens / 2, tokens - std::min<std::uint64_t>(tokens, 1), tokens, tokens + 1, 3 * tokens}) {
      EXPECT_EQ(has_more_tokens(text, most), tokens > most) << text.substr(0, 20) << " " << most;
    }
  }
}

// Real reviews, against three real tokenizers (tests/golden/review_tokens.json, scripts/make_token_golden.py).
TEST(TokenEstimate, IsNeverMoreThanATenthBelowRealTokenizers) {
  P4R_NEED_SHARED("digital-music");
  std::ifstream golden_file(test::source_dir() / "tests/golden/review_tokens.json");
  const Json golden = Json::parse(golden_file);
  std::ifstream reviews(test::shared_data() / golden["dataset"].get<std::string>() / "reviews.jsonl");
  const auto every = golden["every"].get<std::size_t>();
  double estimated = 0;
  double counted = 0;
  std::size_t row = 0;
  std::string line;
  for (std::size_t index = 0; std::getline(reviews, line); ++index) {
    if (index % every != 0) continue;
    const Json review = Json::parse(line);
    const auto estimate = static_cast<double>(
        estimate_tokens(review["title"].get<std::string>() + "\n" + review["text"].get<std::string>()));
    for (const auto& [name, counts] : golden["tokens"].items()) {
      EXPECT_GE(estimate, 0.9 * counts.at(row).get<double>()) << name << " counts more in row " << index;
    }
    estimated += estimate;
    counted += golden["tokens"]["o200k_base"].at(row++).get<double>();
  }
  EXPECT_EQ(row, golden["tokens"]["o200k_base"].size());
  EXPECT_LT(estimated, 1.3 * counted) << "an estimate that is far too high wastes the room of prompts";
}

TEST(Excerpt, KeepsShortTextsAndPutsWhiteSpaceRight) {
  EXPECT_EQ(excerpt("  two \n\t words ", 0), "two words");
  EXPECT_EQ(excerpt(" first \r\n\r\n second  line", 0, Lines::kKeep), "first\nsecond line");
  EXPECT_EQ(excerpt("fits", 4), "fits");
  EXPECT_EQ(excerpt("\x01 a\x7F\xC2\xA0\xE3\x80\x80\v\f b\xC2\x85ü ", 0), "\x01 a\x7F b ü")
      << "signs that cannot be seen stay";
}

// Whatever stands where in a text of several runs.
TEST(Excerpt, PutsWhiteSpaceRightInLongTexts) {
  for (std::size_t at = 1; at < 80; ++at) {
    const auto before = std::string(at, 'x');
    const auto behind = std::string(80 - at, 'y');
    EXPECT_EQ(excerpt(before + " " + behind + " ", 0), before + " " + behind);
    EXPECT_EQ(excerpt(before + "  \\" + behind + " \n", 0), before + " \\" + behind);
    EXPECT_EQ(excerpt(before + " \t\n " + behind + "\n z", 0), before + " " + behind + " z");
    EXPECT_EQ(excerpt(before + " \n" + behind + "\n\n z", 0, Lines::kKeep), before + "\n" + behind + "\nz");
    EXPECT_EQ(excerpt(before + "é ü  ß" + behind + "\x7F", 0), before + "é ü ß" + behind + "\x7F");
  }
}

TEST(Excerpt, CutsAtWordsAndNeverInsideACodePoint) {
  EXPECT_EQ(excerpt("one two three", 11), "one two…");
  EXPECT_EQ(excerpt("ünümününüm", 8), "ünü…");
  EXPECT_LE(excerpt(std::string(500, 'x'), 100).size(), 100U);
}

}  // namespace
}  // namespace persona4rec
