// personas/affinity_counts.hpp, alike_items.hpp, and what personas makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "io/jsonl_reader.hpp"
#include "offline/offline_client.hpp"
#include "persona4rec/personas.hpp"
#include "personas/affinity_counts.hpp"
#include "personas/alike_items.hpp"
#include "records/affinities.hpp"
#include "support/paths.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

struct Like {
  const char* user;
  const char* item;
  double rating = 5;
};

// Every user's likes in order; splits as none: everything is item side.
Interactions interactions(const std::vector<Like>& likes) {
  Interactions data;
  std::int64_t ms = 0;
  for (const auto& [user, item, rating] : likes) {
    ++ms;
    data.add(UserId(user), ItemId(item), ReviewId(std::to_string(ms)), {.value = rating},
             {.ms = ms, .text = std::to_string(ms)});
  }
  return data;
}

const std::vector<Like> kLikes{{"a", "i0"}, {"a", "i1"}, {"a", "i2"}, {"b", "i0"}, {"b", "i1"},    {"b", "i3", 1},
                               {"c", "i0"}, {"c", "i2"}, {"c", "i3"}, {"d", "i3"}, {"d", "i1", 5}, {"d", "i4"}};
const std::vector<std::string> kTitles{"Zero", "One", "Two", "Three", "One"};  // i1 and i4 have one title

std::vector<std::pair<std::string, std::uint64_t>> pairs(const std::vector<AffinityCount>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  for (const auto& count : counts) out.emplace_back(count.name, count.count);
  return out;
}

TEST(AffinityCounts, CountUsersPerTitleWithoutTheItemsOwn) {
  const auto data = interactions(kLikes);
  const auto split = decide_split(data, {.policy = SplitPolicy::kNone});
  AffinityCounts counts(data, split, kTitles);
  EXPECT_THAT(pairs(counts.count(std::vector<std::uint32_t>{0, 1, 2, 3}, std::vector<std::uint32_t>{0})),
              ElementsAre(std::pair("One", 3U), std::pair("Three", 2U), std::pair("Two", 2U)))
      << "d liked both of the title One and counts once; b did not like i3";
  EXPECT_THAT(pairs(counts.count(std::vector<std::uint32_t>{0, 1}, std::vector<std::uint32_t>{0})),
              ElementsAre(std::pair("One", 2U)))
      << "one supporter is no affinity";
  const auto again = counts.count(std::vector<std::uint32_t>{3}, {});
  EXPECT_THAT(again, IsEmpty()) << "nothing is left of the counts before";
}

// Many users and titles: naming without a user equals counting without the user, whoever it is.
TEST(AffinityCounts, SubtractingAUserEqualsNeverHavingCountedThatUser) {
  std::vector<Like> likes;
  std::vector<std::string> users;
  std::vector<std::string> items;
  std::vector<std::string> titles;
  for (int i = 0; i < 40; ++i) {
    items.push_back("i" + std::to_string(i));
    titles.push_back("T" + std::to_string(i * 7 % 40));
  }
  for (int u = 0; u < 12; ++u) users.push_back("u" + std::to_string(u));
  for (std::size_t u = 0; u < users.size(); ++u) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if ((u * 3 + i * 7 + u * i / 3) % 5 < 2) likes.push_back({users[u].c_str(), items[i].c_str()});
    }
  }
  const auto data = interactions(likes);
  const auto split = decide_split(data, {.policy = SplitPolicy::kNone});
  std::vector<std::string> titles_in_order;
  for (const auto& item : data.items()) titles_in_order.push_back(titles[std::stoul(item.text().substr(1))]);
  AffinityCounts counts(data, split, titles_in_order);
  constexpr std::uint32_t kCounted = 8;  // the others only like
  std::vector<std::uint32_t> all;
  for (std::uint32_t u = 0; u < kCounted; ++u) all.push_back(*data.find_user(UserId(users[u])));
  std::ranges::sort(all);
  const auto counted = counts.count(all, {});
  EXPECT_EQ(counted_affinities(counted).size(), kMaxAffinities);
  EXPECT_LT(counted.size(), items.size()) << "not all titles are kept";
  for (std::uint32_t out = 0; out < users.size(); ++out) {
    std::vector<Like> of_others;
    std::ranges::copy_if(likes, std::back_inserter(of_others),
                         [&](const Like& like) { return like.user != users[out]; });
    const auto rest = interactions(of_others);
    std::vector<std::string> titles_of_rest;
    for (const auto& item : rest.items()) titles_of_rest.push_back(titles[std::stoul(item.text().substr(1))]);
    const auto rest_split = decide_split(rest, {.policy = SplitPolicy::kNone});
    AffinityCounts without(rest, rest_split, titles_of_rest);
    std::vector<std::uint32_t> others;
    for (std::uint32_t u = 0; u < kCounted; ++u) {
      if (const auto left = u == out ? std::nullopt : rest.find_user(UserId(users[u]))) others.push_back(*left);
    }
    std::ranges::sort(others);
    const LeftOut left_out{.liked =
                               [&](const ItemId& item) {
                                 return std::ranges::any_of(likes, [&](const Like& like) {
                                   return like.user == users[out] && item.text() == like.item;
                                 });
                               },
                           .counted = out < kCounted};
    EXPECT_EQ(counted_affinities(counted, left_out), counted_affinities(without.count(others, {}))) << out;
  }
}

TEST(AlikeItems, AreThoseThatShareTheMostTellingWords) {
  VocabularyBuilder words{WordTokenizer()};
  const std::vector<std::string> texts{"celtic harp", "celtic rock", "loud rock", "polka"};
  for (const auto& text : texts) words.add(text);
  const auto vocabulary = words.build({.min_documents = 1, .max_document_share = 1});
  AlikeItems alike(vocabulary);
  for (std::uint32_t i = 0; i < texts.size(); ++i) alike.add(i + 10, texts[i]);
  EXPECT_THAT(alike.nearest("harp music, celtic", 5), ElementsAre(10U, 11U));
  EXPECT_THAT(alike.nearest("celtic rock", 1), ElementsAre(11U));
  EXPECT_THAT(alike.nearest("jazz", 5), IsEmpty());
}

const std::vector<std::string> kWordings{"harp melody",  "drum thunder",   "slow evening",   "kitchen radio",
                                         "brass parade", "winter journey", "gentle whisper", "church echo",
                                         "desert wind",  "market polka"};

class CountedAffinities : public testing::Test {
 protected:
  // Users a, b and c like i0, i1 and i2, with one review each; d, who is evaluated, liked i1 and i3 first.
  CountedAffinities() {
    int id = 0;
    for (const auto* user : {"a", "b"}) {
      for (const auto* item : {"i0", "i1", "i2"}) add(id++, user, item);
    }
    for (const auto* item : {"i1", "i3", "i0", "i2"}) add(id++, "d", item);
    test::write_rows(options_.aspects, reviews_);
    std::vector<SummaryRow> summaries;
    for (const auto* item : {"i0", "i1", "i2", "i3", "cold"}) {
      summaries.push_back({ItemId(item), std::string("Title ") + item, item == std::string("cold") ? "harp" : item,
                           std::string(item == std::string("cold") || item == std::string("i1") ? "harp tunes" : "")});
    }
    test::write_rows(options_.summary, summaries);
  }

  void add(int id, const std::string& user, const std::string& item) {
    reviews_.push_back({.review_id = ReviewId(std::to_string(id)),
                        .item_id = ItemId(item),
                        .user_id = UserId(user),
                        .rating = {.value = 5},
                        .timestamp = {.ms = id + 1, .text = std::to_string(id + 1)},
                        .review_title = "About " + item,
                        .review_text = "This " + kWordings.at(static_cast<std::size_t>(id)) + " is rather good here.",
                        .extracted_aspects = Json::object(),
                        .status = AspectStatus::kOk});
  }

  PersonaRow row(const std::string& item) {
    for (auto& row : read_jsonl<PersonaRow>(options_.personas)) {
      if (row.item.item_id.text() == item) return row;
    }
    return {};
  }

  test::TempDir dir_;
  std::vector<AspectRow> reviews_;
  OfflineClient client_;
  PersonasOptions options_{.aspects = dir_ / "1_aspects.jsonl",
                           .summary = dir_ / "2_summary.jsonl",
                           .grouped = dir_ / "2.5_grouped.jsonl",
                           .personas = dir_ / "3_personas.jsonl",
                           .prompts = test::source_dir() / "prompts/generic",
                           .split = {.min_positives = 4},
                           .time = {},
                           .prompt_tokens = 0,
                           .words = {.min_documents = 1, .max_document_share = 1},
                           .progress = {}};
};

TEST_F(CountedAffinities, AreTitlesThatTheSupportersLiked) {
  const auto report = make_personas(options_, client_);
  EXPECT_GT(report.with_affinities, 0U);
  std::vector<std::string> names;
  for (const auto& persona : row("i1").personas) {
    for (const auto& name : persona.affinities) names.push_back(name);
    for (const auto& count : persona.affinity_counts) EXPECT_GE(count.count, kAffinitySupporters);
    EXPECT_TRUE(persona.affinity_from.empty());
  }
  EXPECT_THAT(names, Not(Contains("Title i1"))) << "of the item itself";
}

TEST_F(CountedAffinities, OfAnItemWithoutReviewsComeFromWhoLikedItemsAlike) {
  static_cast<void>(make_personas(options_, client_));
  const auto cold = row("cold");
  ASSERT_EQ(cold.personas.size(), 1U);
  EXPECT_THAT(cold.personas[0].affinities, Contains("Title i1"));
  EXPECT_THAT(cold.personas[0].affinities, Contains("Title i0")) << "a and b liked i1 and i0";
  EXPECT_THAT(cold.personas[0].affinity_from, Contains(ItemId("i1")));
  EXPECT_TRUE(cold.personas[0].support.empty());
}

TEST_F(CountedAffinities, HoldNothingThatIsNotOnTheItemSide) {
  static_cast<void>(make_personas(options_, client_));
  for (const auto& each : read_jsonl<PersonaRow>(options_.personas)) {
    for (const auto& persona : each.personas) {
      EXPECT_THAT(persona.affinities, Not(Contains("Title i3"))) << "d alone liked it";
      for (const auto& count : persona.affinity_counts) EXPECT_LE(count.count, 3U);
    }
  }
}

TEST_F(CountedAffinities, AreOfNoMorePersonasThanTold) {
  for (const std::uint64_t most : {kMaxPersonas, std::uint64_t{1}}) {
    options_.max_personas = most;
    static_cast<void>(make_personas(options_, client_));
    EXPECT_EQ(row("i1").personas.size(), most == 1 ? 1U : 2U) << "three reviews";
    EXPECT_EQ(row("i1").personas[0].support.size(), most == 1 ? 3U : 2U);
    EXPECT_EQ(row("cold").personas.size(), 1U);
  }
}

TEST_F(CountedAffinities, AreKnowledgeThatCanBeDoneWithout) {
  options_.knowledge = Knowledge::kReviews;
  EXPECT_EQ(make_personas(options_, client_).with_affinities, 0U);
  EXPECT_EQ(row("cold").personas.size(), 1U) << "metadata are known all the same";
}

}  // namespace
}  // namespace persona4rec
