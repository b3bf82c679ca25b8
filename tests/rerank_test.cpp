// Scoring, order, streams, refusals of `rerank`, on caches written by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/rerank.hpp"
#include "support/hand_made_cache.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::HandMadeCache;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Vectors are exact in fp16, so that expectations are too.
HandMadeCache small_cache() {
  return {.items = {{"i1", {{0, 1.0F}}, {{"i1_P1", {1, 0}}, {"i1_P2", {0, 1}}}},
                    {"i2", {{0, 0.5F}, {1, 0.5F}}, {{"i2_P1", {0.5F, 0.5F}}}},
                    {"i3", {{2, 1.0F}}, {}},
                    {"i4", {}, {{"i4_P1", {-1, 0}}}}},
          .users = {{"u", {1, 0}, {{0, 0.5F}, {2, 0.25F}}},
                    {"dense", {0, 1}, {}},
                    {"wordy", {0, 0}, {{1, 1.0F}}},
                    {"empty", {0, 0}, {}}}};
}

// z of a value among others, by the definition.
double z(double value, const std::vector<double>& all) {
  double mean = 0;
  for (const double one : all) mean += one / static_cast<double>(all.size());
  double squares = 0;
  for (const double one : all) squares += (one - mean) * (one - mean);
  return (value - mean) / std::sqrt(squares / static_cast<double>(all.size()));
}

class Rerank : public ::testing::Test {
 protected:
  Rerank() {
    small_cache().write(dir_ / "cache");
    options_.cache = dir_ / "cache";
    options_.candidates = dir_ / "candidate.jsonl";
    options_.output = dir_ / "reranked.jsonl";
  }

  RerankReport run(const std::string& lines) {
    (void)dir_.write("candidate.jsonl", lines);
    const auto report = rerank(options_);
    rows_ = read_jsonl<RerankedRow>(options_.output);
    return report;
  }
  [[nodiscard]] std::vector<std::string> items(std::size_t row = 0) const {
    std::vector<std::string> ids;
    for (const auto& result : rows_.at(row).results) ids.push_back(result.item_id.text());
    return ids;
  }
  [[nodiscard]] const RerankedCandidate& result(const std::string& item) const {
    for (const auto& result : rows_.at(0).results) {
      if (result.item_id.text() == item) return result;
    }
    throw std::out_of_range(item);
  }

  TempDir dir_;
  RerankOptions options_;
  std::vector<RerankedRow> rows_;
};

std::string list(const std::string& user, const std::vector<std::pair<std::string, double>>& results) {
  Json row = {{"user_id", user}, {"results", Json::array()}};
  for (const auto& [item, score] : results) row["results"].push_back({{"item_id", item}, {"score", score}});
  return row.dump() + "\n";
}

std::string message_of(const std::function<void()>& work, ErrorKind kind) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST_F(Rerank, FusesTheChannelsByHand) {
  const auto report = run(list("u", {{"i2", 3}, {"i1", 2}, {"i3", 1}, {"i4", 0}}));
  EXPECT_EQ(report.weights, kFrozenWeights);
  const std::vector<double> base = {2, 3, 1, 0};          // i1, i2, i3, i4
  const std::vector<double> words = {0.5, 0.25, 0.25};    // i4 has none
  const std::vector<double> persona = {0.85, 0.5, -1.0};  // i3 has none; i1: .85 * 1 + .15 * 0
  EXPECT_NEAR(result("i1").score, z(2, base) + 0.75 * z(0.5, words) + 0.25 * z(0.85, persona), 1e-6);
  EXPECT_NEAR(result("i2").score, z(3, base) + 0.75 * z(0.25, words) + 0.25 * z(0.5, persona), 1e-6);
  EXPECT_NEAR(result("i3").score, z(1, base) + 0.75 * z(0.25, words), 1e-6);
  EXPECT_NEAR(result("i4").score, z(0, base) + 0.25 * z(-1, persona), 1e-6);
  EXPECT_THAT(items(), ElementsAre("i1", "i2", "i3", "i4"));
}

TEST_F(Rerank, RowsSayWhatOrderedThem) {
  run(list("u", {{"i2", 3}, {"i1", 2}, {"i3", 1}}));
  EXPECT_EQ(result("i1").persona_id, PersonaId("i1_P1"));
  EXPECT_EQ(result("i1").persona_name, "name of i1_P1");
  EXPECT_NEAR(*result("i1").persona_score, 0.85, 1e-6);
  EXPECT_EQ(result("i1").base_score, 2);
  EXPECT_EQ(result("i1").base_rank, 2U);
  EXPECT_FALSE(result("i3").persona_id.has_value());
  EXPECT_FALSE(result("i3").persona_score.has_value());
}

TEST_F(Rerank, AlphaSharesBetweenBestAndOthers) {
  options_.scoring.alpha = 0.5;
  run(list("u", {{"i1", 1}, {"i2", 0}}));
  EXPECT_NEAR(*result("i1").persona_score, 0.5, 1e-6);
}

TEST_F(Rerank, PersonaOnlyOrdersByThePersonaScore) {
  options_.scoring.persona_only = true;
  const auto report = run(list("u", {{"i4", 9}, {"i3", 8}, {"i2", 7}, {"i1", 6}}));
  EXPECT_EQ(report.weights, (FusionWeights{.base = 0, .words = 0, .persona = 1, .head = 0}));
  EXPECT_THAT(items(), ElementsAre("i1", "i2", "i3", "i4"));  // i3 without personas has z = 0
}

TEST_F(Rerank, NoWordsLeavesTheOthersAsTheyAre) {
  options_.scoring.no_words = true;
  const auto report = run(list("u", {{"i2", 3}, {"i1", 2}}));
  EXPECT_EQ(report.weights, (FusionWeights{.base = 1, .words = 0, .persona = 0.25, .head = 0}));
  EXPECT_EQ(report.users_without_words, 0U);
}

TEST_F(Rerank, PadKeepsItsPositionAndGetsTheScoreBeforeIt) {
  options_.scoring.no_words = true;
  const auto report = run(list("u", {{"[PAD]", 9}, {"i4", 5}, {"[PAD]", 5}, {"i2", 5}, {"i1", 5}}));
  EXPECT_THAT(items(), ElementsAre("[PAD]", "i1", "[PAD]", "i2", "i4"));
  const auto& results = rows_.at(0).results;
  EXPECT_EQ(results[0].score, results[1].score);
  EXPECT_EQ(results[2].score, results[1].score);
  EXPECT_EQ(results[2].base_rank, 3U);
  EXPECT_FALSE(results[2].persona_id.has_value());
  EXPECT_EQ(report.padding, 2U);
  EXPECT_EQ(report.candidates, 3U);
}

TEST_F(Rerank, ListsWithoutScoresAreWorthTheirRanks) {
  const auto report = run(R"({"user_id":"u","results":[{"item_id":"i2"},{"item_id":"i1","score":7}]})"
                          "\n");
  EXPECT_EQ(report.lists_without_scores, 1U);
  const std::vector<double> base = {0, -std::log(2.0)};
  const std::vector<double> words = {0.25, 0.5};
  const std::vector<double> persona = {0.5, 0.85};
  EXPECT_NEAR(result("i2").score, z(base[0], base) + 0.75 * z(0.25, words) + 0.25 * z(0.5, persona), 1e-6);
  EXPECT_FALSE(result("i2").base_score.has_value());
}

TEST_F(Rerank, UsersWithoutAnyChannelKeepTheCandidateOrder) {
  const auto report = run(list("nobody", {{"i4", 1}, {"i1", 2}}) + list("empty", {{"i4", 1}, {"i1", 2}}));
  EXPECT_THAT(items(0), ElementsAre("i4", "i1"));
  EXPECT_THAT(items(1), ElementsAre("i4", "i1"));
  EXPECT_EQ(report.users_unknown, 2U);
}

TEST_F(Rerank, UsersWithOneChannelUseIt) {
  const auto report = run(list("wordy", {{"i1", 1}, {"i2", 1}}) + list("dense", {{"i2", 1}, {"i1", 1}}));
  EXPECT_THAT(items(0), ElementsAre("i2", "i1"));
  EXPECT_THAT(items(1), ElementsAre("i1", "i2"));
  EXPECT_EQ(report.users_unknown, 0U);
  EXPECT_EQ(report.users_without_words, 1U);
  EXPECT_EQ(report.users_without_personas, 1U);
}

TEST_F(Rerank, UnknownItemsAreCountedAndKeepTheirBase) {
  const auto report = run(list("u", {{"new", 3}, {"i1", 2}}));
  EXPECT_EQ(report.items_unknown, 1U);
  EXPECT_EQ(report.items_without_personas, 1U);
  EXPECT_EQ(report.items_without_words, 1U);
  EXPECT_NEAR(result("new").score, 1, 1e-12);
}

TEST_F(Rerank, TiesKeepCandidateOrderAndAnItemMayStandTwice) {
  run(list("u", {{"i2", 1}, {"i2", 1}, {"i1", 1}}));
  EXPECT_THAT(items(), ElementsAre("i1", "i2", "i2"));
  EXPECT_EQ(rows_[0].results[1].base_rank, 1U);
}

TEST_F(Rerank, IsAPermutationOfItsInput) {
  run(list("u", {{"i4", 5}, {"x", 4}, {"i3", 3}, {"[PAD]", 2}, {"i1", 1}, {"i2", 0}}));
  auto got = items();
  std::sort(got.begin(), got.end());
  EXPECT_THAT(got, ElementsAre("[PAD]", "i1", "i2", "i3", "i4", "x"));
}

TEST_F(Rerank, HeadTakesTheFrozenPersonasPlace) {
  auto cache = small_cache();
  cache.has_head = true;
  for (auto& user : cache.users) user.head = {0, 1};
  for (auto& item : cache.items) {
    for (auto& persona : item.personas) persona.head = persona.frozen;
  }
  cache.write(options_.cache);
  EXPECT_EQ(run(list("u", {{"i1", 1}, {"i2", 1}})).weights, kHeadWeights);
  EXPECT_EQ(result("i1").persona_id, PersonaId("i1_P2"));
  options_.scoring.weights = {1, 0, 2};  // the third is the head's
  EXPECT_EQ(run(list("u", {{"i1", 1}})).weights, (FusionWeights{.base = 1, .words = 0, .persona = 0, .head = 2}));
  options_.scoring.weights = {1, 0, 2, 0};
  run(list("u", {{"i1", 1}, {"i2", 1}}));
  EXPECT_EQ(result("i1").persona_id, PersonaId("i1_P1"));
  options_.scoring.weights.clear();
  cache.weights = {{"base", 1.25}, {"words", 0.5}, {"persona", 0}, {"head", 1}};
  cache.write(options_.cache);
  EXPECT_EQ(run(list("u", {{"i1", 1}})).weights, (FusionWeights{.base = 1.25, .words = 0.5, .persona = 0, .head = 1}));
}

TEST_F(Rerank, WorldsHaveTheirOwnProfiles) {
  auto cache = small_cache();
  cache.valid_users = {{"u", {-1, 0}, {}}};
  cache.write(options_.cache);
  options_.scoring.persona_only = true;
  run(list("u", {{"i1", 1}, {"i4", 1}}));
  EXPECT_THAT(items(), ElementsAre("i1", "i4"));
  options_.world = World::kValid;
  run(list("u", {{"i1", 1}, {"i4", 1}}));
  EXPECT_THAT(items(), ElementsAre("i4", "i1"));
}

TEST_F(Rerank, ReadsTrecRuns) {
  const auto report = run("u Q0 i4 1 0.5 run\nu Q0 i1 2 0.9 run\ndense Q0 i2 1 1 run\n");
  EXPECT_EQ(report.lists, 2U);
  EXPECT_EQ(result("i1").base_rank, 1U);  // a run is ordered by its scores
  EXPECT_EQ(result("i1").base_score, 0.9);
  EXPECT_THAT(message_of([&] { run("u Q0 i4 1 0.5\n"); }, ErrorKind::kInput), HasSubstr("candidate.jsonl:1"));
}

TEST_F(Rerank, EqualRunsGiveEqualBytes) {
  const std::string lists = list("u", {{"i2", 3}, {"i1", 2}}) + list("dense", {{"i2", 3}, {"i1", 2}});
  run(lists);
  const auto bytes = test::read_file(options_.output);
  const auto meta = test::read_file(meta_path(options_.output));
  run(lists);
  EXPECT_EQ(test::read_file(options_.output), bytes);
  EXPECT_EQ(test::read_file(meta_path(options_.output)), meta);
}

TEST_F(Rerank, RefusesAUserTwiceInAFile) {
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}}) + list("u", {{"i1", 1}})); }, ErrorKind::kInput),
              HasSubstr("candidate.jsonl:2"));
  EXPECT_FALSE(std::filesystem::exists(options_.output));
}

TEST_F(Rerank, RefusesWeightsAndAlphaOutOfRange) {
  const auto refused = [&](const ScoringOptions& scoring) {
    options_.scoring = scoring;
    return message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kUsage);
  };
  EXPECT_THAT(refused({.alpha = 1.5}), HasSubstr("--alpha"));
  EXPECT_THAT(refused({.weights = {1, 2}}), HasSubstr("got 2 numbers"));
  EXPECT_THAT(refused({.weights = {1, -2, 0}}), HasSubstr(">= 0"));
  EXPECT_THAT(refused({.weights = {0, 0, 0}}), HasSubstr("off"));
  EXPECT_THAT(refused({.weights = {1, 0, 0, 1}}), HasSubstr("no head"));
  EXPECT_THAT(refused({.weights = {1, 0, 0}, .persona_only = true}), HasSubstr("exclude"));
}

TEST_F(Rerank, RefusesAnIncompleteCache) {
  const auto refused = [&] { return message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput); };
  std::filesystem::remove(meta_path(options_.cache));
  EXPECT_THAT(refused(), HasSubstr("incomplete"));
  small_cache().write(options_.cache);
  std::filesystem::remove(options_.cache / "words" / "cache_meta.json");
  EXPECT_THAT(refused(), HasSubstr("run `persona4rec cache` again"));
  small_cache().write(options_.cache);
  std::filesystem::resize_file(options_.cache / "item_persona" / "persona_embeds.fp16.mmap", 6);
  EXPECT_THAT(refused(), HasSubstr("run `persona4rec cache` again"));
  std::filesystem::remove_all(options_.cache);
  EXPECT_THAT(refused(), HasSubstr("no cache folder"));
}

TEST_F(Rerank, RefusesFoldersOfDifferentBuildsAndEncoders) {
  auto other = small_cache();
  other.build = "B2";
  other.write(dir_ / "other");
  const auto swap_in = [&](const char* name) {
    std::filesystem::remove_all(options_.cache / name);
    std::filesystem::copy(dir_ / "other" / name, options_.cache / name, std::filesystem::copy_options::recursive);
  };
  swap_in("item_persona");
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput), HasSubstr("another build"));
  other.lineage["encoder"] = "F";
  other.write(dir_ / "other");
  swap_in("item_persona");
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput),
              HasSubstr("another encoder's cache"));
}

TEST_F(Rerank, RefusesACacheOfOtherPersonas) {
  auto cache = small_cache();
  cache.lineage["3.5_persona_with_summary"] = "old";
  cache.write(options_.cache);
  (void)dir_.write("p.jsonl.meta.json", R"({"sha256": "new"})");
  options_.stands_on = {{"3.5_persona_with_summary", dir_ / "p.jsonl"}};
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput),
              HasSubstr("run `persona4rec cache` again"));
  options_.force = true;
  EXPECT_EQ(run(list("u", {{"i1", 1}})).lists, 1U);
}

TEST_F(Rerank, RefusesListsOfTheOtherWorld) {
  (void)dir_.write("candidate.jsonl.meta.json", R"({"options": {"for": "valid"}})");
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput), HasSubstr("world valid"));
}

class RerankHead : public Rerank {
 protected:
  RerankHead() {
    cache_ = small_cache();
    cache_.has_head = true;
    for (auto& item : cache_.items) {
      for (auto& persona : item.personas) persona.head = persona.frozen;
    }
    for (auto& user : cache_.users) user.head = user.frozen;
    (void)dir_.write("candidate.jsonl", list("u", {{"i1", 1}, {"i2", 2}}));
  }
  std::string refusal() {
    cache_.write(options_.cache);
    try {
      (void)rerank(options_);
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      return error.what();
    }
    return "served";
  }
  Json facts() const { return Json::parse(test::read_file(meta_path(options_.output)))["options"]; }
  HandMadeCache cache_;
};

TEST_F(RerankHead, WithoutAContractIsRefusedWithTheCommands) {
  EXPECT_EQ(refusal(), "served");
  cache_.head_contract = nullptr;
  EXPECT_THAT(refusal(),
              ::testing::AllOf(HasSubstr("run `persona4rec train`"), HasSubstr("`persona4rec cache` again")));
  options_.force = true;
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["head_leaks"], false);
}

TEST_F(RerankHead, ThatMayNotServeItsCacheIsRefusedAndMarkedWhenForced) {
  cache_.more_options = {{"head_breaches", {"its fit saw 2 of the 2 test targets"}}, {"head_leaks", true}};
  EXPECT_THAT(refusal(), HasSubstr("2 of the 2 test targets"));
  options_.force = true;
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["head_leaks"], true);
  EXPECT_EQ(facts()["head_breaches"].size(), 1U);
}

TEST_F(RerankHead, ServesTheAlphaThatItWasTrainedFor) {
  cache_.head_contract = {{"alpha", 0.65}};
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["alpha"], 0.65);
  options_.scoring.alpha = 0.65;
  EXPECT_EQ(refusal(), "served");
  options_.scoring.alpha = 0.85;
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr("alpha 0.65"), HasSubstr("--alpha 0.85")));
}

TEST_F(Rerank, ACacheOfANewerMajorVersionIsRefused) {
  Json meta = Json::parse(test::read_file(meta_path(options_.cache)));
  meta["version"] = "9.0.0";
  write_file(meta_path(options_.cache), meta.dump());
  try {
    (void)run(list("u", {{"i1", 1}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), HasSubstr("persona4rec 9.0.0"));
  }
}

// Tables that do not fit, each an error with its file and line.
struct BadTable {
  const char* name;
  const char* file;
  std::function<std::string(const std::string&)> change;
  const char* message;
};
class RerankBadTables : public Rerank, public ::testing::WithParamInterface<BadTable> {};

TEST_P(RerankBadTables, AreErrorsWithTheirPlace) {
  const auto path = options_.cache / GetParam().file;
  write_file(path, GetParam().change(test::read_file(path)));
  try {
    (void)run(list("u", {{"i1", 1}, {"i3", 2}}));
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}

std::string with_line_again(const std::string& text) {
  return text + text.substr(0, text.find('\n') + 1);
}
std::string without_last_line(const std::string& text) {
  return text.substr(0, text.rfind('\n', text.size() - 2) + 1);
}
// The 64-bit number at `index`, replaced.
std::string with_offset(std::string bytes, std::size_t index, std::uint64_t value) {
  bytes.replace(index * 8, 8, reinterpret_cast<const char*>(&value), 8);
  return bytes;
}
std::string with_field(const std::string& text, const char* name, const Json& value) {
  Json json = Json::parse(text);
  json[name] = value;
  return json.dump();
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RerankBadTables,
    ::testing::Values(
        BadTable{"items_row_repeated", "words/items.jsonl", with_line_again, ":5: field \"item_id\""},
        BadTable{"items_row_surplus", "words/items.jsonl",
                 [](const std::string& text) { return text + "{\"item_id\":\"more\"}\n"; }, "expected 4 items"},
        BadTable{"items_row_missing", "words/items.jsonl", without_last_line, "expected 4 items"},
        BadTable{"users_row_repeated", "user_profile/test/users.jsonl", with_line_again, ":5: field \"user_id\""},
        BadTable{"users_row_surplus", "user_profile/test/users.jsonl",
                 [](const std::string& text) { return text + "{\"user_id\":\"more\"}\n"; }, "expected 4 users"},
        BadTable{"persona_repeated", "item_persona/personas.jsonl",
                 [](const std::string& text) {
                   const auto end = text.find('\n') + 1;
                   return text.substr(0, end) + text.substr(0, end) + text.substr(text.find('\n', end) + 1);
                 },
                 ":2: field \"uid\""},
        BadTable{"offset_of_bit_62", "words/items.begin.u64.mmap",
                 [](const std::string& bytes) { return with_offset(bytes, 4, std::uint64_t{1} << 62U); },
                 "4611686018427387904"},
        BadTable{
            "offset_that_wraps", "words/users.test.begin.u64.mmap",
            [](const std::string& bytes) { return with_offset(bytes, 4, (std::uint64_t{1} << 62U) + bytes.size()); },
            "ends at entry"},
        BadTable{"offsets_that_fall", "words/items.begin.u64.mmap",
                 [](const std::string& bytes) { return with_offset(bytes, 1, 99); }, "ascending"},
        BadTable{"dim_of_2_63_and_32", "item_persona/cache_meta.json",
                 [](const std::string& text) { return with_field(text, "dim", (std::uint64_t{1} << 63U) + 32); },
                 "dim"},
        BadTable{"terms_of_2_62", "words/cache_meta.json",
                 [](const std::string& text) { return with_field(text, "terms", std::uint64_t{1} << 62U); }, "terms"},
        BadTable{"negative_rows", "words/cache_meta.json",
                 [](const std::string& text) { return with_field(text, "rows", -1); }, "rows"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Rerank, BrokenWordVectorsAreFound) {
  auto cache = small_cache();
  cache.items[0].words = {{99, 1.0F}};
  cache.write(options_.cache);
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput), HasSubstr("broken"));
}

}  // namespace
}  // namespace persona4rec
