// offline/sentence_words.hpp
#include "offline/sentence_words.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

// Signs beyond ASCII or none, a word is the same.
TEST(SentenceWords, AreTheSameWithAndWithoutSignsBeyondAscii) {
  const std::string sentence = "Don't re-play the_2nd Great album, 'n' so-  well-made -x- it's I";
  for (const std::string& tail : {std::string(), std::string(" “É”")}) {
    const auto text = sentence + tail;
    std::vector<std::string> seen;
    for (const auto& word : words_in(text)) {
      EXPECT_EQ(word.lower, lower_utf8(word.text));
      EXPECT_EQ(text.substr(word.begin, word.text.size()), word.text);
      seen.push_back(std::string(word.text) + (word.capital ? " C" : "") + (word.letters ? " L" : "") +
                     (word.stop ? " S" : "") + (word.judging ? " J" : "") + (word.joined ? " +" : ""));
    }
    std::vector<std::string> expected = {"Don't C S", "re-play +",   "the_2nd +", "Great C L J +", "album L +", "n L S",
                                         "so L S",    "well-made J", "x L S",     "it's S",        "I C L S +"};
    if (!tail.empty()) expected.push_back("É C S");
    EXPECT_EQ(seen, expected);
  }
}

TEST(SentenceWords, HaveSpansInSmallLetters) {
  const std::string mixed = "ÀB Çd’e Größe";
  const auto words = words_in(mixed);
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[1].text, "Çd’e");
  EXPECT_EQ(lower_span(words[0], words[1]), "àb çd’e");
  EXPECT_EQ(span_of(mixed, words[1], words[2]), "Çd’e Größe");
}

TEST(SentenceWords, StayWhereTheyAreWhenTheObjectIsMoved) {
  std::vector<SentenceWords> all;
  for (int i = 0; i < 20; ++i) all.push_back(words_in("So GREAT"));
  for (const auto& words : all) {
    ASSERT_EQ(words.size(), 2U);
    EXPECT_EQ(words[1].lower, "great");
    EXPECT_TRUE(words[1].judging);
    EXPECT_TRUE(words[0].stop);
  }
}

}  // namespace
}  // namespace persona4rec
