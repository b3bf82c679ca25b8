// Validation: its ranks are those of the whole order of items.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

#include "matching/persona_score.hpp"
#include "matching/ranking_metrics.hpp"
#include "matching/user_profile.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/train_files.hpp"
#include "train/validation.hpp"

namespace persona4rec {
namespace {

// Users, their profiles and the similarity of each persona, as Validation sees them.
struct Seen {
  Seen(const FrozenWorld& world, const TrainOptions& options) : world(world), options(options) {
    const auto& rows = world.data().rows;
    const auto liked = rows.liked(World::kValid);
    std::vector<float> profiles;
    std::vector<float> vector(world.dimensions());
    for (const auto& target : rows.split.targets()) {
      const auto user = rows.data[target.interaction].user;
      if (target.split != TargetSplit::kValid ||
          !user_profile(world.items(), liked.of(user), std::array{user}, world.profile(), vector))
        continue;
      users.push_back(user);
      truth.push_back(rows.data[target.interaction].item);
      profiles.insert(profiles.end(), vector.begin(), vector.end());
    }
    std::vector<float> personas;
    for (std::uint32_t k = 0; k < world.data().personas.size(); ++k) {
      world.persona(options.persona_vectors, k, vector);
      personas.insert(personas.end(), vector.begin(), vector.end());
    }
    similarities = multiply_transposed(profiles, personas, world.dimensions());
  }

  // 1-based; nothing where the user has seen it before.
  [[nodiscard]] std::optional<std::uint32_t> rank(std::size_t i) const {
    const auto& rows = world.data().rows;
    const auto& personas = world.data().personas;
    std::vector<std::pair<double, std::uint32_t>> order;
    for (std::uint32_t item = 0; item < personas.items.size(); ++item) {
      const auto history = rows.split.history(users[i], World::kValid);
      if (std::ranges::any_of(history, [&](auto n) { return rows.data[n].item == item; })) continue;
      const auto match = PersonaScorer(options.alpha).match(personas.personas_of_item[item], [&](std::uint32_t k) {
        return std::optional(similarities[i * personas.size() + k]);
      });
      if (match) order.emplace_back(-match->score, item);
    }
    std::ranges::sort(order);
    const auto at = std::ranges::find(order, truth[i], &std::pair<double, std::uint32_t>::second);
    if (at == order.end()) return std::nullopt;
    return static_cast<std::uint32_t>(at - order.begin()) + 1;
  }

  const FrozenWorld& world;
  const TrainOptions& options;
  std::vector<std::uint32_t> users, truth;
  std::vector<float> similarities;  // [users, personas]
};

TEST(Validation, RanksAmongAllItemsAreThoseOfTheirWholeOrder) {
  test::TrainFiles files;
  test::FakeTextEncoder encoder;
  Provenance provenance("train", false);
  const auto texts = files.texts();
  const auto data = read_train_data(files.options(), texts, encoder, provenance);
  const FrozenWorld world(data, data.vectors.values(), files.options().profile, {}, 1);
  const Seen seen(world, files.options());
  ASSERT_GT(seen.users.size(), 5U);
  double ndcg = 0;
  std::vector<std::uint32_t> ranks;
  for (std::size_t i = 0; i < seen.users.size(); ++i) {
    const auto rank = seen.rank(i);
    if (!rank) continue;
    ranks.push_back(*rank);
    ndcg += ndcg_at(std::array{*rank}, 1, 10);
  }
  EXPECT_GT(*std::ranges::max_element(ranks), *std::ranges::min_element(ranks)) << "the test looks at several ranks";
  const auto scores = Validation(world, files.options(), {}).score({}, {});
  ASSERT_TRUE(scores.all_items);
  EXPECT_EQ(scores.all_items->users, seen.users.size());
  EXPECT_NEAR(scores.all_items->ndcg10, ndcg / static_cast<double>(seen.users.size()), 1e-12);
}

}  // namespace
}  // namespace persona4rec
