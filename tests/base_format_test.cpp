// base/: numbers, durations and times as people read them, ASCII letters, what --force does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/ascii.hpp"
#include "base/clock.hpp"
#include "base/format.hpp"
#include "base/refuse.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

TEST(Format, ThousandsSeparators) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
}

TEST(Format, UndefinedIsNotZero) {
  EXPECT_EQ(fixed_text(14.52, 1), "14.5");
  EXPECT_EQ(fixed_text(1e308, 1).size(), 311U);
  EXPECT_EQ(fixed_text(std::nan(""), 4), "--");
  EXPECT_EQ(number_text("%+6.2f", 1.5), " +1.50");
}

TEST(Format, Durations) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(0.44), "0.4 s");
  EXPECT_EQ(duration_text(9.96), "10 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(7500), "2 h 5 min");
  EXPECT_EQ(duration_text(51 * 3600), "2 d 3 h");
}

TEST(Clock, TimesInUtc) {
  EXPECT_EQ(utc_text(1406109661.9), "2014-07-23T10:01:01Z");
  EXPECT_NEAR(unix_seconds(), static_cast<double>(unix_milliseconds()) / 1e3, 1);
}

TEST(Ascii, LowerCaseLeavesOtherBytesAlone) {
  EXPECT_EQ(ascii_lower("Content-TYPE [\\]^_`{ \xC3\x89"), "content-type [\\]^_`{ \xC3\x89");
  EXPECT_FALSE(is_ascii_letter('@') || is_ascii_letter('[') || is_ascii_letter('`') || is_ascii_letter('{'));
}

TEST(Refuse, ForceGoesOn) {
  refuse_unless_forced("a and b do not belong together", true);
  EXPECT_THROW(refuse_unless_forced("a and b do not belong together", false), Error);
}

}  // namespace
}  // namespace persona4rec
