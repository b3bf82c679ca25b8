// A cache that is opened while `cache` writes it again.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "rerank/serving_cache.hpp"
#include "support/cache_workspace.hpp"

namespace persona4rec {
namespace {

TEST(CacheBesideAWriter, ReadersGetOneBuildOrTheOtherAndNeverAMixture) {
  test::CacheWorkspace workspace;
  workspace.build();
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int build = 1; build <= 8; ++build) {
      workspace.options().profile.gamma = build % 2 == 0 ? 0.65 : 0.5;
      workspace.build();
    }
    done = true;
  });
  std::set<std::string> builds;
  std::string error;
  while (!done && error.empty()) {
    try {
      const ServingCache cache(workspace.files().cache(), World::kTest);
      builds.insert(cache.build());
      ASSERT_TRUE(cache.find_user(UserId("a")).has_value());
    } catch (const Error& failure) {
      error = failure.what();
    }
  }
  writer.join();
  EXPECT_EQ(error, "");
  EXPECT_LE(builds.size(), 2U);
  EXPECT_FALSE(builds.empty());
}

// Mapped files are unlinked and never written to: what was opened stays whole.
TEST(CacheBesideAWriter, AMappedCacheGoesOnWithTheOldBytes) {
  test::CacheWorkspace workspace;
  workspace.build();
  const ServingCache cache(workspace.files().cache(), World::kTest);
  const auto row = cache.frozen().users.row(0);
  const std::vector<Half> before(row.begin(), row.end());
  workspace.said()[0].text = "something else altogether";
  workspace.write();
  workspace.build();
  EXPECT_EQ(std::vector<Half>(row.begin(), row.end()), before);
  const ServingCache fresh(workspace.files().cache(), World::kTest);
  const auto now = fresh.frozen().users.row(0);
  EXPECT_NE(std::vector<Half>(now.begin(), now.end()), before);
}

}  // namespace
}  // namespace persona4rec
