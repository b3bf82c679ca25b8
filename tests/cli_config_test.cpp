#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/config_file.hpp"

namespace persona4rec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kGood = R"(# a comment
workspace = "runs/a#b"   # '#' inside a text is no comment
seed = 7
[schema.review]
item = "asin"
user = "reviewerID"
rating = "overall"
timestamp = "when"
timestamp-unit = "%Y-%m-%d"
text = "reviewText"
[schema.item]
item = "asin"
title = "title"
description = [
  "features",
  "description",  # over several lines
]
[prompts]
folder = "../prompts/amazon"
[candidates]
lambda = 0.1
ks = [5, 10]
fresh = true
since = 2015-06-30
)";

TEST(ConfigFile, ReadsSchemasAndPrompts) {
  const ConfigFile file = parse_config(kGood, "configs/x.toml");
  ASSERT_TRUE(file.review && file.item && file.prompts);
  EXPECT_EQ(file.review->user, "reviewerID");
  EXPECT_EQ(file.review->title, "");
  EXPECT_EQ(file.review->time.unit, TimeUnit::kFormat);
  EXPECT_EQ(file.review->time.format, "%Y-%m-%d");
  EXPECT_THAT(file.item->description, ElementsAre("features", "description"));
  EXPECT_EQ(*file.prompts, std::filesystem::current_path() / "prompts/amazon") << "relative to the config's folder";
}

TEST(ConfigFile, KeepsValuesInFileOrderWithTheirLines) {
  const ConfigFile file = parse_config(kGood, "x.toml");
  ASSERT_EQ(file.values.size(), 6U);
  EXPECT_EQ(file.values[0].key, "workspace");
  EXPECT_THAT(file.values[0].values, ElementsAre("runs/a#b"));
  EXPECT_EQ(file.values[1].place.line, 3U);
  EXPECT_EQ(file.values[2].section, "candidates");
  EXPECT_THAT(file.values[2].values, ElementsAre("0.1"));
  EXPECT_THAT(file.values[3].values, ElementsAre("5", "10"));
  EXPECT_THAT(file.values[4].values, ElementsAre("true"));
  EXPECT_THAT(file.values[5].values, ElementsAre("2015-06-30"));
  ASSERT_EQ(file.sections.size(), 1U);
  EXPECT_EQ(file.sections[0].second.line, 20U);
}

TEST(ConfigFile, RatingsAndTimesMayBeMissing) {
  const ConfigFile file = parse_config("[schema.review]\nitem = \"i\"\nuser = \"u\"\ntext = \"t\"\n", "x.toml");
  EXPECT_EQ(file.review->rating + file.review->timestamp, "");
  EXPECT_EQ(file.review->time.unit, TimeUnit::kNone);
}

TEST(ConfigFile, SaysWhatIsMissing) {
  const ConfigFile file = parse_config("seed = 1\n", "x.toml");
  EXPECT_FALSE(file.review || file.item || file.prompts);
}

struct BadConfig {
  const char* name;
  const char* from;  // of kGood
  const char* to;
  const char* message;
};

class BadConfigs : public ::testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigs, IsRefusedWithFileAndLine) {
  std::string text = kGood;
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(GetParam().from).size(), GetParam().to);
  try {
    (void)parse_config(text, "x.toml");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 2);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfigs,
    ::testing::Values(
        BadConfig{"broken_toml", "seed = 7", "seed = ", "x.toml:3: "},
        BadConfig{"key_twice", "seed = 7", "seed = 7\nseed = 8", "x.toml:4: "},
        BadConfig{"unknown_review_key",
                  "user = ", "usr = ", "x.toml:6: unknown key \"usr\" in [schema.review]; did you mean user?"},
        BadConfig{"unknown_schema", "[schema.item]", "[schema.itm]",
                  "x.toml:11: unknown key \"itm\" in [schema]; did you mean item?"},
        BadConfig{"needed_key", "user = \"reviewerID\"\n", "", "x.toml:4: [schema.review] needs user"},
        BadConfig{"unit_of_nothing", "timestamp = \"when\"\n", "",
                  "x.toml:8: timestamp-unit: [schema.review] names no timestamp that it could be of"},
        BadConfig{"needed_unit", "timestamp-unit = \"%Y-%m-%d\"\n", "", "[schema.review] needs timestamp-unit"},
        BadConfig{"unit", "%Y-%m-%d", "minutes", "x.toml:9: timestamp-unit: expected \"ms\", \"s\" or a date format"},
        BadConfig{"zone_name", "%Y-%m-%d", "%Y-%m-%d %Z", "x.toml:9: timestamp-unit: %Z: names of time zones"},
        BadConfig{"epoch_and_more", "%Y-%m-%d", "%s %Y", "x.toml:9: timestamp-unit: %s (seconds since 1970)"},
        BadConfig{"wrong_type", "\"reviewerID\"", "3", "x.toml:6: user: expected a text"},
        BadConfig{"list_of_numbers", "\"features\"", "3", "description: expected a list of texts"},
        BadConfig{"future_field", "\"features\"", "\"also_buy\"", "x.toml:11: [schema.item]: the field \"also_buy\""},
        BadConfig{"unknown_prompts_key", "folder", "dir", "x.toml:19: unknown key \"dir\" in [prompts]"},
        BadConfig{"nested_table", "fresh = true", "fresh = {a = 1}", "x.toml:23: fresh: expected a text, a number"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace persona4rec
