// Texts of offline personas written again without the user of a training sample.
#include "train/rewritten_personas.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

#include "asking/shown_reviews.hpp"
#include "offline/answers.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/filled_pipe.hpp"
#include "support/train_files.hpp"
#include "train/encoder/batch_plan.hpp"
#include "train/samples.hpp"

namespace persona4rec {
namespace {

using test::FakeTextEncoder;
using test::TrainFiles;
using ::testing::HasSubstr;
using ::testing::Not;

// TrainFiles whose personas the offline provider wrote, from a 2.5_grouped of the same reviews.
class OfflineFiles : public TrainFiles {
 public:
  OfflineFiles() {
    options().persona_vectors = PersonaVectors::kText;
    options().grouped = files().grouped();
    group_reviews();
    learn_words();
    write_personas();
  }

  [[nodiscard]] std::vector<PersonaWithSummaryRow> personas() {
    return read_jsonl<PersonaWithSummaryRow>(options().persona_with_summary);
  }
  [[nodiscard]] TrainData read() {
    Provenance provenance("train", false);
    const auto rendered = texts();
    FakeTextEncoder encoder;
    return read_train_data(options(), rendered, encoder, provenance);
  }

 private:
  void group_reviews() {
    std::map<std::string, GroupedRow> by_item;
    Interactions data;
    for (const auto& user : read_jsonl<HistoryRow>(options().history)) {
      for (const auto& review : user.reviews)
        data.add(user.user_id, review.item_id, *review.review_id, {5}, review.timestamp);
    }
    const auto split = decide_split(data, options().split);
    std::size_t i = 0;
    for (const auto& user : read_jsonl<HistoryRow>(options().history)) {
      for (const auto& review : user.reviews) {
        auto& row = by_item[review.item_id.text()];
        row.item.item_id = review.item_id;
        if (!split.item_side(i++)) continue;
        row.aspects.push_back({.review_id = *review.review_id,
                               .item_id = review.item_id,
                               .user_id = user.user_id,
                               .rating = review.rating,
                               .timestamp = review.timestamp,
                               .review_title = review.review_title,
                               .review_text = review.review_text.value_or(""),
                               .extracted_aspects = Json::object()});
      }
    }
    for (auto& [id, row] : by_item) grouped_.push_back(std::move(row));
    OutputFile file(files().grouped());
    for (const auto& row : grouped_) {
      Json json = to_json(row.item);
      json["aspects"] = Json::array();
      for (const auto& review : row.aspects) json["aspects"].push_back(to_json(review));
      file.write_row(json);
    }
    file.commit();
  }

  void learn_words() {
    VocabularyBuilder words{WordTokenizer(StopWords::resolve("english"))};
    for (const auto& row : grouped_) {
      for (const auto& review : row.aspects) words.add(review_words_text(review));
    }
    vocabulary_ = words.build({});
  }

  void write_personas() {
    std::vector<PersonaWithSummaryRow> rows;
    for (const auto& item : grouped_) {
      Json reviews = Json::array();
      for (const auto& review : item.aspects) reviews.push_back(review_facts(review, 0));
      const Json facts = {{"reviews", reviews}, {"disliked_to", 2.0}};
      const Json answer = offline_personas(facts, vocabulary_, 2);
      PersonaWithSummaryRow row{.item_id = item.item.item_id, .personas = {}};
      for (const auto& one : answer.at("personas")) {
        const std::string id = "P" + std::to_string(row.personas.size() + 1);
        Persona persona{.id = id,
                        .name = one.at("Name"),
                        .description = one.at("Description"),
                        .preference_rationale = one.at("Preference_Rationale")};
        for (const auto& support : one.at("support")) persona.support.emplace_back(support.get<std::string>(), true);
        row.personas.push_back({std::move(persona), "summary", PersonaId(row.item_id.text() + "_" + id)});
      }
      rows.push_back(std::move(row));
    }
    test::write_rows(options().persona_with_summary, rows);
  }

  std::vector<GroupedRow> grouped_;
  Vocabulary vocabulary_;
};

// text -> what each is made of, of all texts behind the personas' own.
std::map<std::size_t, std::string> rewritten_texts(OfflineFiles& files, const TrainData& data) {
  std::map<std::size_t, std::string> texts;
  data.for_each_persona_text(files.options(), files.texts(),
                             [&](std::size_t row, std::string&& text) { texts[row] = std::move(text); });
  return texts;
}

TEST(RewrittenPersonas, HoldNoWordOfTheUserThatTheyAreWithout) {
  OfflineFiles files;
  const auto data = files.read();
  ASSERT_NE(data.rewritten, nullptr);
  ASSERT_GT(data.rewritten->size(), 0U);
  const auto texts = rewritten_texts(files, data);
  ASSERT_EQ(texts.size(), data.personas.size() + data.rewritten->size());
  int quoted = 0;
  for (const auto& target : data.selected) {
    const auto user = data.rows.data[target.interaction].user;
    const auto number = data.rewritten->find(target.persona, user);
    if (!number) continue;
    const auto words = "words of " + data.rows.data.users()[user].text() + " about";
    EXPECT_THAT(texts.at(data.personas.size() + *number), Not(HasSubstr(words)));
    quoted += texts.at(target.persona).find(words) != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(quoted, 0) << "the test must have something to leave out";
}

TEST(RewrittenPersonas, KeepSamplesThatWouldMove) {
  OfflineFiles files;
  const auto count = [&] {
    const auto data = files.read();
    const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
    const Samples samples(world, PersonaVectors::kText, data.selected, 1);
    return std::pair(samples.size(), samples.moved());
  };
  const auto [size, moved] = count();
  files.options().grouped.clear();
  const auto [size_before, moved_before] = count();
  EXPECT_GE(size, size_before);
  EXPECT_LT(moved, moved_before);
}

TEST(RewrittenPersonas, AreTheirSamplesVectors) {
  OfflineFiles files;
  const auto data = files.read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const auto texts = rewritten_texts(files, data);
  const FakeTextEncoder encoder;
  std::vector<float> seen(data.dimensions);
  int compared = 0;
  for (const auto& target : data.selected) {
    const auto user = data.rows.data[target.interaction].user;
    const auto number = data.rewritten->find(target.persona, user);
    if (!number) continue;
    ASSERT_TRUE(world.persona_without(PersonaVectors::kText, target.persona, user, seen));
    auto expected = encoder.vector(texts.at(data.personas.size() + *number));
    for (std::size_t d = 0; d < expected.size(); ++d) expected[d] -= world.persona_mean()[d];
    double squares = 0;
    for (const auto value : expected) squares += double{value} * value;
    for (std::size_t d = 0; d < expected.size(); ++d) ASSERT_NEAR(seen[d], expected[d] / std::sqrt(squares), 1e-5);
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(RewrittenPersonas, AreWhatAStepOfEncoderTrainingEncodes) {
  OfflineFiles files;
  const auto data = files.read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const Samples samples(world, PersonaVectors::kText, data.selected, 1);
  const auto first_rewritten = data.rows.rows() + data.personas.size();
  int rewritten = 0;
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    const auto plan = plan_batch(samples, std::array{i}, world, files.options(), 0);
    ASSERT_EQ(plan.personas.text.size(), 1U);
    const auto id = plan.texts.at(plan.personas.text[0]);
    const auto number = data.rewritten->find(samples[i].persona, samples[i].user);
    EXPECT_EQ(id, number ? first_rewritten + *number : data.rows.rows() + samples[i].persona);
    rewritten += number ? 1 : 0;
  }
  EXPECT_GT(rewritten, 0);
}

TEST(RewrittenPersonas, AreReadAgainWhereTheInputsWerePipes) {
  OfflineFiles files;
  const auto expected = rewritten_texts(files, files.read());
  const test::FilledPipe history(test::read_file(files.options().history));
  const test::FilledPipe personas(test::read_file(files.options().persona_with_summary));
  const test::FilledPipe grouped(test::read_file(files.options().grouped));
  files.options().history = history.path();
  files.options().persona_with_summary = personas.path();
  files.options().grouped = grouped.path();
  const auto data = files.read();
  EXPECT_EQ(rewritten_texts(files, data), expected);
  EXPECT_EQ(rewritten_texts(files, data), expected) << "as often as asked for";
}

TEST(RewrittenPersonas, WhatSomebodyElseWroteIsLeftAlone) {
  OfflineFiles files;
  auto rows = files.personas();
  for (auto& row : rows) row.personas[0].persona.description += " A model said so.";
  test::write_rows(files.options().persona_with_summary, rows);
  const auto data = files.read();
  EXPECT_EQ(data.rewritten->size(), 0U);
}

// Counted with the user, a name stands; without, one supporter is too few for it.
TEST(RewrittenPersonas, CountAffinitiesWithoutTheUser) {
  OfflineFiles files;
  auto rows = files.personas();
  for (auto& row : rows) {
    for (auto& entry : row.personas) {
      entry.persona.affinities = {"Everything"};
      std::vector<ItemId> all;
      for (int i = 0; i < TrainFiles::kItems; ++i) all.emplace_back(TrainFiles::item(i));
      entry.persona.affinity_counts = {{.name = "Everything", .count = 2, .liked_by = 9, .items = all}};
    }
  }
  test::write_rows(files.options().persona_with_summary, rows);
  const auto data = files.read();
  ASSERT_GT(data.rewritten->size(), 0U);
  for (const auto& [row, text] : rewritten_texts(files, data)) {
    EXPECT_EQ(text.find("Everything") != std::string::npos, row < data.personas.size()) << text;
  }
}

}  // namespace
}  // namespace persona4rec
