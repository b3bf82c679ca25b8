// records/time: times of raw files, the same on every machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "records/row_fields.hpp"
#include "records/time.hpp"

namespace persona4rec {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kTenOClock = 1517392800000;  // 2018-01-31 10:00:00 UTC

TimeFormat by(const std::string& format) {
  return {.unit = TimeUnit::kFormat, .format = format};
}

// The machine's time zone for as long as the object lives.
class InTimeZone {
 public:
  explicit InTimeZone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
  InTimeZone(const InTimeZone&) = delete;
  InTimeZone& operator=(const InTimeZone&) = delete;
  ~InTimeZone() {
    unsetenv("TZ");
    tzset();
  }
};

std::string message_of(const std::string& row, const TimeFormat& format) {
  const Place place{.file = "reviews.jsonl", .line = 3};
  simdjson::dom::parser parser;
  try {
    static_cast<void>(read_timestamp(RowView(parser.parse(row), place), "t", format));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Time, OffsetsByPercentZCount) {
  const auto format = by("%Y-%m-%d %H:%M:%S %z");
  EXPECT_EQ(parse_time_string("2018-01-31 10:00:00 +0000", format)->ms, kTenOClock);
  EXPECT_EQ(parse_time_string("2018-01-31 12:30:00 +0230", format)->ms, kTenOClock);
  EXPECT_EQ(parse_time_string("2018-01-31 02:00:00 -0800", format)->ms, kTenOClock);
}

TEST(Time, NamesOfZonesAreRefused) {
  EXPECT_THAT(time_format_problem("%Y-%m-%d %H:%M:%S %Z"), HasSubstr("%Z"));
  EXPECT_FALSE(parse_time_string("31.01.2018 10:00 CET", by("%d.%m.%Y %H:%M %Z")));
}

TEST(Time, SecondsSinceEpochAreUtcOnEveryMachine) {
  for (const char* zone : {"UTC", "America/Los_Angeles", "Asia/Kolkata", "XYZ-7:30"}) {
    const InTimeZone there(zone);
    EXPECT_EQ(parse_time_string("1517392800", by("%s"))->ms, kTenOClock) << zone;
    EXPECT_EQ(parse_time_string("@1517392800", by("@%s"))->ms, kTenOClock) << zone;
    EXPECT_EQ(parse_time_number("1517392800", by("%s"))->ms, kTenOClock) << zone;
    EXPECT_EQ(parse_time_string("2018-01-31 10:00:00", {})->ms, kTenOClock) << zone;
  }
  EXPECT_THAT(time_format_problem("%s %H"), HasSubstr("%s"));
  EXPECT_EQ(time_format_problem("%%s %H"), "");
}

TEST(Time, DaysThatTheCalendarLacksAreRefused) {
  for (const char* day : {"2018-02-30", "2018-04-31", "2018-02-29", "2018-13-01", "2018-00-10", "2018-01-32"}) {
    EXPECT_FALSE(parse_time_string(day, {})) << day;
    EXPECT_FALSE(parse_time_string(std::string(day) + " 10:00:00", {})) << day;
    EXPECT_FALSE(parse_time_string(day, by("%Y-%m-%d"))) << day;
  }
  EXPECT_TRUE(parse_time_string("2016-02-29", {}));
  EXPECT_FALSE(parse_time_string("20180230", by("%Y%m%d"))) << "and is no number of milliseconds either";
  EXPECT_FALSE(parse_time_number("20180230", by("%Y%m%d")));
  EXPECT_EQ(parse_time_number("20180131", by("%Y%m%d"))->ms, kTenOClock - 36000000);
  EXPECT_FALSE(parse_time_string("2018-01-31 24:00:00", {}));
}

TEST(Time, Iso8601WithFractionsAndOffsets) {
  for (const char* text : {"2018-01-31T10:00:00Z", "2018-01-31T10:00Z", "2018-01-31 10:00:00.0", "2018-01-31t10:00:00z",
                           "2018-01-31T12:00:00+02:00", "2018-01-31T12:00:00+0200", "2018-01-31T12:00:00+02",
                           "2018-01-31T04:30:00-05:30", "2018-01-31 10:00:00 +00:00"}) {
    ASSERT_TRUE(parse_time_string(text, {})) << text;
    EXPECT_EQ(parse_time_string(text, {})->ms, kTenOClock) << text;
  }
  EXPECT_EQ(parse_time_string("2018-01-31T10:00:00.123456Z", {})->ms, kTenOClock + 123);
  EXPECT_EQ(parse_time_string("2018-01-31T10:00:00,5", {})->ms, kTenOClock + 500);
  EXPECT_EQ(parse_time_string("1969-12-31T23:59:59.250Z", {})->ms, -750);
  for (const char* text : {"2018-01-31T", "2018-01-31T10", "2018-01-31T10:00:00.", "2018-01-31T10:00:00+25:00",
                           "2018-01-31T10:00:00Zulu", "2018-01-31x"}) {
    EXPECT_FALSE(parse_time_string(text, {})) << text;
  }
  EXPECT_FALSE(parse_time_string(std::string("2018-01-31\0x", 12), {}));
  EXPECT_FALSE(parse_time_string(std::string("31.01.2018\0x", 12), by("%d.%m.%Y")));
}

TEST(Time, UnitsThatAreTakenForEachOtherAreNoticed) {
  EXPECT_THAT(message_of(R"({"t":1517392800000})", {.unit = TimeUnit::kSeconds}),
              HasSubstr("reviews.jsonl:3: field \"t\": expected seconds since 1970, got 1517392800000: milliseconds?"));
  TimeSpan span;
  EXPECT_EQ(unit_doubt(span, {}), "") << "nothing was read";
  span.add(1517392800);
  span.add(958003200);
  EXPECT_EQ(unit_doubt(span, {}),
            "times from 1970-01-12 to 1970-01-18, read as milliseconds: is timestamp-unit = \"ms\" of [schema.review] "
            "right?");
  TimeSpan good;
  good.add(kTenOClock);
  good.add(kTenOClock + 86400000);
  EXPECT_EQ(unit_doubt(good, {}), "");
  EXPECT_EQ(span_text(good), "2018-01-31 to 2018-02-01");
}

}  // namespace
}  // namespace persona4rec
