// base/: hashes, UTF-8, the seeded generator, parallel loops, text templates, errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <numeric>
#include <vector>

#include "base/bulk/huge_pages.hpp"
#include "base/bulk/quick_hash.hpp"
#include "base/bulk/word_list.hpp"
#include "base/hash.hpp"
#include "base/html.hpp"
#include "base/parallel.hpp"
#include "base/rng.hpp"
#include "base/stop.hpp"
#include "base/text_template.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

TEST(WordList, HoldsItsWordsAndNoOther) {
  constexpr WordList kWords(std::to_array<std::string_view>({"gilt", "a-word-longer-than-sixteen", "a", "é", "gift"}));
  for (const auto* word : {"a", "gift", "gilt", "a-word-longer-than-sixteen", "é"}) EXPECT_TRUE(kWords.contains(word));
  for (const auto* word : {"", "b", "gist", "gif", "gifts", "a-word-longer-than-fifteen", "è"}) {
    EXPECT_FALSE(kWords.contains(word)) << word;
  }
}

TEST(QuickEqual, SeesEveryByteOfEveryLength) {
  for (std::size_t length = 0; length <= 40; ++length) {
    const std::string text(length, 'x');
    EXPECT_TRUE(quick_equal(text, std::string(length, 'x'))) << length;
    EXPECT_FALSE(quick_equal(text, std::string(length + 1, 'x'))) << length;
    for (std::size_t at = 0; at < length; ++at) {
      auto other = text;
      other[at] = 'y';
      EXPECT_FALSE(quick_equal(text, other)) << length << " " << at;
    }
  }
}

TEST(Hash, KnownDigests) {
  EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 parts;
  parts.update("a");
  parts.update("bc");
  EXPECT_EQ(parts.hex(), sha256_hex("abc"));
}

TEST(Utf8, FindsTheFirstBadByte) {
  EXPECT_FALSE(find_bad_utf8("na\xC3\xAFve"));
  EXPECT_EQ(find_bad_utf8("ab\xFFz"), 2U);
  EXPECT_EQ(find_bad_utf8("cut\xC3"), 3U);
  EXPECT_EQ(find_bad_utf8("\xED\xA0\x80"), 0U) << "a surrogate half is not UTF-8";
}

TEST(Utf8, CutsBetweenCodePoints) {
  EXPECT_EQ(cut_utf8("a\xC3\xA9z", 2), "a");
  EXPECT_EQ(cut_utf8("a\xC3\xA9z", 3), "a\xC3\xA9");
  EXPECT_EQ(count_code_points("a\xC3\xA9z"), 3U);
}

TEST(Utf8, LowersBeyondAscii) {
  EXPECT_EQ(lower_utf8("\xC3\x89ToILE \xD0\x96"), "\xC3\xA9toile \xD0\xB6");
}

TEST(Html, TagsAreSpacesInPlainText) {
  EXPECT_EQ(plain_text("a \"b\" & c's<br />d &quot; < 3 & more"), "a \"b\" & c's d &quot; < 3 & more");
  EXPECT_EQ(plain_text("<b>a</b><i>"), " a  ");
  const std::string open_tags(1000000, '<');
  EXPECT_EQ(plain_text(open_tags + "a"), open_tags + "a");
}

TEST(Rng, SameNumbersEverywhere) {
  Rng rng(42);
  EXPECT_EQ(rng.next(), 13679457532755275413ULL);  // SplitMix64's published first output for seed 42
  Rng a(1, "u1");
  Rng b(1, "u2");
  EXPECT_NE(a.next(), b.next());
}

TEST(Rng, ShuffleKeepsEveryElement) {
  std::array<int, 20> values{};
  std::iota(values.begin(), values.end(), 0);
  Rng(7).shuffle(std::span(values));
  EXPECT_FALSE(std::is_sorted(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], i);
}

TEST(Parallel, CoversEveryIndexOnceAndRethrows) {
  std::vector<std::atomic<int>> hits(1000);
  parallel_ranges(hits.size(), 7, 4, [&](std::size_t begin, std::size_t end) {
    for (auto i = begin; i < end; ++i) ++hits[i];
  });
  for (const auto& hit : hits) EXPECT_EQ(hit.load(), 1);
  EXPECT_THROW(parallel_ranges(10, 1, 3,
                               [](std::size_t begin, std::size_t) {
                                 if (begin == 5) throw input_error({.file = "x"}, "bad");
                               }),
               Error);
}

std::string render(std::string_view text, const Json& values) {
  return TextTemplate::parse(text, "t.txt").render(values);
}

TEST(TextTemplate, ValuesSectionsAndLists) {
  const Json values = {{"name", "Kind of Blue"},
                       {"stars", 5},
                       {"empty", ""},
                       {"none", nullptr},
                       {"list", {{{"text", "a"}}, {{"text", "b"}}}},
                       {"words", {"x", "y"}}};
  EXPECT_EQ(render("{{name}}: {{stars}}{{none}}{{missing}}", values), "Kind of Blue: 5");
  EXPECT_EQ(render("{{#list}}\n- {{text}} of {{name}}\n{{/list}}\n", values),
            "- a of Kind of Blue\n- b of Kind of Blue\n");
  EXPECT_EQ(render("{{#words}}{{.}},{{/words}}", values), "x,y,");
  EXPECT_EQ(render("{{#empty}}E{{/empty}}{{^empty}}none{{/empty}}", values), "none");
  EXPECT_EQ(render("a\n{{#name}}\nb\n{{/name}}\nc", values), "a\nb\nc") << "tags alone on a line take the line along";
}

TEST(TextTemplate, ValuesWithoutAJsonRenderAsAnObjectOfThem) {
  const auto text = TextTemplate::parse(
      "{{name}}|{{flag}}|{{off}}|{{list}}|{{none}}|{{gone}}|{{#name}}n {{.}}{{/name}}|{{^empty}}e{{/empty}}|"
      "{{#off}}o{{/off}}|{{#list}}{{name}} {{word}},{{/list}}|{{#flag}}f {{.}}{{/flag}}{{.}}",
      "t.txt");
  const Json list = {{{"word", "a"}}, {{"word", "b"}, {"name", "inner"}}};
  const Json none;
  const TextValue values[] = {{"name", "Kind of Blue"}, {"flag", true},  {"off", false},
                              {"list", &list},          {"none", &none}, {"empty", ""}};
  const std::string rendered = text.render_values(values);
  EXPECT_EQ(rendered, R"(Kind of Blue|true|false|[{"word":"a"},{"word":"b","name":"inner"}]|||n Kind of Blue|e||)"
                      "Kind of Blue a,inner b,|f true");
  const Json object = {{"name", "Kind of Blue"}, {"flag", true}, {"off", false},
                       {"list", list},           {"none", none}, {"empty", ""}};
  EXPECT_EQ(rendered + object.dump(), text.render(object)) << "{{.}} outside of any section is the object";
}

TEST(TextTemplate, WhatKnownValuesRuleOutIsAskedForNoMore) {
  const auto text = TextTemplate::parse(
      "{{#on}}a {{x}}{{#off}}{{y}}{{/off}}{{/on}}{{^on}}{{z}}{{/on}}{{#rows}}{{^on}}{{w}}{{/on}}{{/rows}}", "t.txt");
  const TextValue known[] = {{"on", true}, {"off", false}};
  const auto left = text.assuming(known);
  EXPECT_THAT(left.names(), testing::ElementsAre("on", "rows", "w", "x")) << "a row may have an `on` of its own";
  const Json values = {
      {"on", true}, {"off", false}, {"x", 1}, {"y", 2}, {"z", 3}, {"w", 4}, {"rows", {{{"on", false}}}}};
  EXPECT_EQ(left.render(values), "a 14");
  EXPECT_EQ(left.render(values), text.render(values));
}

TEST(TextTemplate, BrokenTagsNameTheLine) {
  const auto message = [](std::string_view text) -> std::string {
    try {
      (void)TextTemplate::parse(text, "t.txt");
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 2);
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("a\n{{#x}}\nb"), testing::HasSubstr("t.txt:3"));
  EXPECT_THAT(message("a\n{{x"), testing::HasSubstr("t.txt:2"));
  EXPECT_THAT(message("{{#x}}{{/y}}"), testing::HasSubstr("t.txt:1"));
}

TEST(TextTemplate, AHundredThousandSectionsTakeLinearTime) {
  std::string line;
  for (int i = 0; i < 100000; ++i) line += "{{#a}}x{{/a}} ";
  const auto rendered = TextTemplate::parse(line, "t.txt").render({{"a", true}});
  EXPECT_EQ(rendered.size(), 200000U);
}

TEST(TextTemplate, DeepNestingIsAnErrorWithItsLine) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{{#a}}\n";
  try {
    (void)TextTemplate::parse(deep, "t.txt");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "t.txt:65: sections are nested more than 64 deep");
  }
}

TEST(TextTemplate, ATagAloneTakesItsLineAndNoMore) {
  EXPECT_EQ(TextTemplate::parse("a\n  {{#x}}\t\r\nb\n{{/x}}\nc", "t").render({{"x", true}}), "a\nb\nc");
  EXPECT_EQ(TextTemplate::parse("a {{#x}}\nb{{/x}}\nc", "t").render({{"x", true}}), "a \nb\nc");
}

TEST(Error, PlaceAndExitCodes) {
  const auto error =
      input_error({.file = "reviews.jsonl", .line = 1042, .field = "rating"}, "expected a number, got a string");
  EXPECT_STREQ(error.what(), "reviews.jsonl:1042: field \"rating\": expected a number, got a string");
  EXPECT_EQ(error.exit_code(), 3);
  EXPECT_EQ(usage_error("x").exit_code(), 2);
  EXPECT_EQ(output_error("f", "x").exit_code(), 1);
  EXPECT_EQ(Error(ErrorKind::kService, "x").exit_code(), 4);
  EXPECT_EQ(Error(ErrorKind::kGate, "x").exit_code(), 5);
  EXPECT_EQ(Error::from_signal(SIGTERM).exit_code(), 143);
}

TEST(Stop, ThrowsOnceAsked) {
  throw_if_stopped();
  request_stop(SIGINT);
  EXPECT_THROW(throw_if_stopped(), Error);
  request_stop(0);
  throw_if_stopped();
}

TEST(HugePages, TheRoomIsThatOfAnyVector) {
  for (const std::size_t room : {std::size_t{0}, std::size_t{1}, std::size_t{3000}, std::size_t{1'000'000}}) {
    std::vector<std::uint64_t> values;
    reserve_huge(values, room);
    EXPECT_GE(values.capacity(), room);
    const auto* const place = values.data();
    for (std::size_t i = 0; i < room; ++i) values.push_back(i);
    EXPECT_EQ(values.data(), place);
    for (std::size_t i = 0; i < room; ++i) ASSERT_EQ(values[i], i);
  }
}

}  // namespace
}  // namespace persona4rec
