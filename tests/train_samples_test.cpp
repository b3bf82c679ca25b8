// Training samples: what they are made of, what they leave out, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "matching/user_profile.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/train_files.hpp"
#include "train/samples.hpp"

namespace persona4rec {
namespace {

using test::FakeTextEncoder;
using test::TrainFiles;

class SamplesTest : public testing::Test {
 protected:
  TrainData read() {
    Provenance provenance("train", false);
    const auto texts = files_.texts();
    return read_train_data(files_.options(), texts, encoder_, provenance);
  }
  TrainFiles files_;
  FakeTextEncoder encoder_;
};

std::vector<std::uint32_t> all(const Samples& samples) {
  std::vector<std::uint32_t> numbers(samples.size());
  for (std::uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  return numbers;
}

TEST_F(SamplesTest, OneForEachSelectionWithTheHistoryBeforeItsTarget) {
  const auto data = read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const Samples samples(world, PersonaVectors::kSupport, data.selected, 1);
  EXPECT_EQ(samples.size(), data.selected.size());
  EXPECT_EQ(samples.size(), std::size_t{TrainFiles::kUsers} * 2)
      << "5 new items a user: 2 held out, the first without history";
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    const auto target = data.rows.data[samples[i].interaction].time_ms;
    ASSERT_FALSE(samples.liked(i).empty());
    std::int64_t newer = target;
    for (const auto row : samples.liked(i)) {
      const auto& interaction = data.rows.data[data.rows.interaction_of_row[row]];
      EXPECT_EQ(interaction.user, samples[i].user);
      EXPECT_LT(interaction.time_ms, newer) << "newest first, strictly before the target";
      newer = interaction.time_ms;
    }
  }
}

// What is kept is what would be made again, of personas that were moved too.
TEST_F(SamplesTest, KeptVectorsAreThoseMadeEachTime) {
  for (const auto kind : {PersonaVectors::kSupport, PersonaVectors::kReaders}) {
    files_.options().persona_vectors = kind;
    const auto data = read();
    const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
    const Samples made(world, kind, data.selected, 1);
    const Samples kept(world, kind, data.selected, 2, Samples::Vectors::kKept);
    ASSERT_EQ(kept.size(), made.size());
    auto order = all(made);
    std::ranges::reverse(order);
    const auto expected = made.make_batch(order, {.hard_negatives = 1});
    const auto batch = kept.make_batch(order, {.hard_negatives = 1});
    EXPECT_EQ(batch.users, expected.users);
    EXPECT_EQ(batch.personas, expected.personas);
    EXPECT_EQ(batch.hard, expected.hard);
    EXPECT_EQ(batch.persona_id, expected.persona_id);
  }
}

// Every trace of the user is out: the persona's vector equals the one of a world in which the user never wrote.
class NoTrace : public SamplesTest, public testing::WithParamInterface<PersonaVectors> {};

TEST_P(NoTrace, OfTheUserInItsTrainingPersona) {
  auto& options = files_.options();
  options.persona_vectors = GetParam();
  const auto data = read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const Samples samples(world, GetParam(), data.selected, 1);
  ASSERT_GT(samples.size(), 0U);
  const auto batch = samples.make_batch(all(samples), {});
  const std::size_t d = batch.dimensions;
  std::size_t supported_by_the_user = 0;
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    const auto user = samples[i].user;
    std::vector<std::uint8_t> item_side(world.item_side_of_row().begin(), world.item_side_of_row().end());
    for (std::size_t row = 0; row < item_side.size(); ++row) {
      if (data.rows.user_of_row[row] == user) item_side[row] = 0;
    }
    const ItemSide others(world.items().x(), {data.rows.user_of_row, data.rows.item_of_row, item_side},
                          data.personas.items.size());
    std::vector<std::uint32_t> support;
    for (const auto row : data.personas.support.of(samples[i].persona)) {
      if (data.rows.user_of_row[row] == user) ++supported_by_the_user;
      if (item_side[row] != 0) support.push_back(row);
    }
    const PersonaVectorMaker maker(others, world.liked(), {});
    std::vector<float> expected(d);
    const PersonaEvidence evidence{.item = samples[i].item, .support = support, .text = {}};
    ASSERT_NE(maker.make(GetParam(), evidence, expected), PersonaSource::kNone);
    for (std::size_t at = 0; at < d; ++at) EXPECT_NEAR(batch.personas[i * d + at], expected[at], 1e-6) << i;
  }
  EXPECT_GT(supported_by_the_user, 0U) << "the test must have something to leave out";
}

INSTANTIATE_TEST_SUITE_P(Kinds, NoTrace, testing::Values(PersonaVectors::kSupport, PersonaVectors::kReaders),
                         [](const auto& info) {
                           return info.param == PersonaVectors::kSupport ? "support" : "readers";
                         });

TEST_F(SamplesTest, APersonaWhoseTextStandsOnTheUserIsReplaced) {
  files_.options().persona_vectors = PersonaVectors::kText;
  const auto data = read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const Samples samples(world, PersonaVectors::kText, data.selected, 1);
  EXPECT_GT(samples.moved(), 0U);
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    for (const auto row : data.personas.support.of(samples[i].persona))
      EXPECT_NE(data.rows.user_of_row[row], samples[i].user);
  }
}

// `cache` lets the text stand in there (CacheTexts, APersonaWhoseSupportHasNoTextIsItsOwnText); so must training.
TEST_F(SamplesTest, APersonaWhoseSupportHasNoTextMeansTheSameAsInTheCache) {
  auto histories = read_jsonl<HistoryRow>(files_.options().history);
  auto personas = read_jsonl<PersonaWithSummaryRow>(files_.options().persona_with_summary);
  const auto& silent = personas[0].personas[0].persona.support;
  ASSERT_FALSE(silent.empty());
  for (auto& user : histories) {
    for (auto& review : user.reviews) {
      if (std::find(silent.begin(), silent.end(), review.review_id) == silent.end()) continue;
      review.review_title.clear();
      review.review_text = "";
    }
  }
  test::write_rows(files_.options().history, histories);
  for (const auto kind : {PersonaVectors::kSupport, PersonaVectors::kReaders}) {
    files_.options().persona_vectors = kind;
    files_.options().profile.side = ProfileSide::kOwn;
    const auto data = read();
    const FrozenWorld world(data, data.vectors.values(), files_.options().profile, {}, 1);
    std::vector<float> made(data.dimensions);
    EXPECT_TRUE(world.persona(kind, 0, made));
    if (kind != PersonaVectors::kSupport) continue;
    std::vector<float> text(data.dimensions);
    ASSERT_TRUE(world.persona(PersonaVectors::kText, 0, text));
    EXPECT_EQ(made, text);
  }
}

// Of metadata alone, say: no review stands behind it, and its text is a trace of nobody.
TEST_F(SamplesTest, APersonaThatNoReviewSupportsIsItsText) {
  auto rows = read_jsonl<PersonaWithSummaryRow>(files_.options().persona_with_summary);
  for (auto& row : rows) {
    for (auto& entry : row.personas) entry.persona.support.clear();
  }
  test::write_rows(files_.options().persona_with_summary, rows);
  for (const auto kind : {PersonaVectors::kSupport, PersonaVectors::kReaders, PersonaVectors::kMix}) {
    files_.options().persona_vectors = kind;
    const auto data = read();
    const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
    const Samples samples(world, kind, data.selected, 1);
    EXPECT_EQ(samples.size(), data.selected.size());
    EXPECT_EQ(samples.moved(), 0U);
    const auto batch = samples.make_batch(all(samples), {});
    std::vector<float> text(data.dimensions);
    if (kind == PersonaVectors::kReaders) continue;
    for (std::uint32_t i = 0; i < samples.size(); ++i) {
      ASSERT_TRUE(world.persona(PersonaVectors::kText, samples[i].persona, text));
      for (std::size_t at = 0; at < text.size(); ++at) {
        ASSERT_NEAR(batch.personas[i * text.size() + at], text[at], 1e-6) << i;
      }
    }
  }
}

TEST_F(SamplesTest, WithoutAnyOtherPersonaTheSampleIsDropped) {
  auto rows = read_jsonl<PersonaWithSummaryRow>(files_.options().persona_with_summary);
  for (auto& row : rows) {
    row.personas.resize(1);
    row.personas[0].persona.support.resize(1);  // one review: its writer's samples have nothing left
  }
  test::write_rows(files_.options().persona_with_summary, rows);
  const auto data = read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const Samples samples(world, PersonaVectors::kSupport, data.selected, 1);
  EXPECT_GT(samples.dropped_no_persona(), 0U);
  EXPECT_EQ(samples.size() + samples.dropped_no_persona() + samples.dropped_no_profile(), data.selected.size());
}

TEST_F(SamplesTest, AWorldWithoutAFoldHasNoneOfItsSamples) {
  const auto data = read();
  std::vector<std::uint8_t> held_out(data.rows.rows(), 0);
  const auto held_row = data.rows.row_of_interaction[data.selected[0].interaction];
  held_out[held_row] = 1;
  const FrozenWorld world(data, data.vectors.values(), {}, held_out, 1);
  const Samples samples(world, PersonaVectors::kSupport, data.selected, 1);
  EXPECT_EQ(samples.size(), data.selected.size() - 1);
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    EXPECT_NE(samples[i].interaction, data.selected[0].interaction);
    for (const auto row : samples.liked(i)) EXPECT_NE(row, held_row);
  }
}

TEST_F(SamplesTest, TargetsOfValidAndTestAreRefused) {
  const auto targets = read_jsonl<TargetRow>(files_.options().targets);
  for (const auto split : {TargetSplit::kValid, TargetSplit::kTest}) {
    const auto held = std::find_if(targets.begin(), targets.end(), [&](const auto& t) { return t.split == split; });
    auto rows = files_.selected();
    rows.back().user_id = held->user_id;
    rows.back().target_item_id = held->item_id;
    test::write_rows(files_.options().selected, rows);
    try {
      (void)read();
      FAIL() << "a target of split " << to_string(split) << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      EXPECT_THAT(error.what(), testing::HasSubstr("4_selected_personas.jsonl:" + std::to_string(rows.size())));
      EXPECT_THAT(error.what(), testing::HasSubstr("got one of split " + to_string(split)));
    }
  }
}

TEST_F(SamplesTest, LogQFollowsTheTargetsCounts) {
  const auto data = read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const Samples samples(world, PersonaVectors::kSupport, data.selected, 1);
  const auto batch = samples.make_batch(all(samples), {});
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    const auto count = std::count(batch.item_id.begin(), batch.item_id.end(), samples[i].item);
    const double expected = -std::log(static_cast<double>(count + 1) / static_cast<double>(samples.size()));
    EXPECT_NEAR(batch.log_q[i], expected, 1e-6);
  }
  EXPECT_TRUE(samples.make_batch(all(samples), {.log_q = false}).log_q.empty());
}

TEST_F(SamplesTest, HardNegativesAreOtherPersonasOfTheItem) {
  const auto data = read();
  const FrozenWorld world(data, data.vectors.values(), {}, {}, 1);
  const Samples samples(world, PersonaVectors::kSupport, data.selected, 1);
  const auto batch = samples.make_batch(all(samples), {.hard_negatives = 3});
  const std::size_t d = batch.dimensions;
  ASSERT_EQ(batch.hard.size(), samples.size() * 3 * d);
  std::vector<float> other(d);
  const auto persona = samples[0].persona;
  const auto sibling =
      data.personas.item_of_persona[persona] == data.personas.item_of_persona[persona + 1] ? persona + 1 : persona - 1;
  ASSERT_TRUE(world.persona_without(PersonaVectors::kSupport, sibling, samples[0].user, other));
  for (std::size_t at = 0; at < d; ++at) EXPECT_EQ(batch.hard[at], other[at]);
  for (std::size_t at = d; at < 3 * d; ++at) EXPECT_EQ(batch.hard[at], 0.0F) << "an item of two personas has one other";
}

}  // namespace
}  // namespace persona4rec
