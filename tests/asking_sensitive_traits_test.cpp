// asking/sensitive_traits.hpp.
#include "asking/sensitive_traits.hpp"

#include <gtest/gtest.h>

namespace persona4rec {
namespace {

TEST(SensitiveTraits, PlainCasesAreFound) {
  for (const auto* text : {"A devout Catholic who sings.", "Plays it for gay men.", "He suffers from depression.",
                           "This listener is a Muslim and likes drums.", "Votes Republican, buys banjos.",
                           "Comfort for a cancer survivor.", "Diagnosed with ADHD as a child.",
                           "Made for Jewish families.", "I am a Christian.", "An openly gay.", "Hispanic parents"}) {
    EXPECT_NE(sensitive_trait(text), "") << text;
  }
  EXPECT_EQ(sensitive_trait("Loved by black women everywhere"), "by black women");
}

TEST(SensitiveTraits, GenresTopicsAndThingsAreNone) {
  for (const auto* text :
       {"Christian rock fan", "Follows gay romance novels", "The vinyl is black.", "Asian fusion lover", "",
        "Collects Black Sabbath and White Stripes records", "Reads about depression", "Songs of the Jewish diaspora",
        "Gospel and contemporary Christian albums", "Latin jazz, Arab strap", "is Christian music at its best"}) {
    EXPECT_EQ(sensitive_trait(text), "") << text;
  }
}

}  // namespace
}  // namespace persona4rec
