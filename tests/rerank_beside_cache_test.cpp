// A cache that is opened while `cache` writes it again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

#include "cache/cache_folders.hpp"
#include "io/json_file.hpp"
#include "rerank/list_inputs.hpp"
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

// Swaps the finished build of `from` in, in a process of its own that is killed behind the n-th step (0: never).
// Returns whether it was killed.
bool swap_in(const std::filesystem::path& from, const std::filesystem::path& cache, int killed_at) {
  const auto swap = [&] {
    CacheFolders folders(cache);
    std::filesystem::copy(from, folders.words().parent_path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    int steps = 0;
    const auto write_meta = [&](const std::filesystem::path& artifact) {
      std::filesystem::copy(meta_path(from), meta_path(artifact), std::filesystem::copy_options::overwrite_existing);
      std::filesystem::copy(run_path(from), run_path(artifact), std::filesystem::copy_options::overwrite_existing);
    };
    folders.commit(write_meta, [&](int) {
      if (++steps == killed_at) ::kill(::getpid(), SIGKILL);
    });
  };
  const pid_t child = ::fork();
  if (child == 0) {
    swap();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

std::string build_served(const test::CacheWorkspace& workspace) {
  const ServingCache cache(workspace.files().cache(), World::kTest);
  RerankOptions options;
  options.cache = workspace.files().cache();
  Provenance provenance("rerank", false);
  register_cache(cache, options, provenance);  // the meta file is that of these bytes
  EXPECT_TRUE(cache.find_user(UserId("a")).has_value());
  return cache.build();
}

TEST(CacheBesideAWriter, ABuildKilledAtAnyStepLeavesOneGenerationWhole) {
  test::CacheWorkspace old_one;
  test::CacheWorkspace new_one;
  old_one.build();
  new_one.options().profile.gamma = 0.5;
  new_one.build();
  const std::set<std::string> whole = {build_served(old_one), build_served(new_one)};
  ASSERT_EQ(whole.size(), 2U);
  std::set<std::string> found;
  bool killed = true;
  for (int step = 1; killed; ++step) {
    old_one.build();
    killed = swap_in(new_one.files().cache(), old_one.files().cache(), step);
    const auto served = build_served(old_one);
    EXPECT_TRUE(whole.contains(served)) << "killed at step " << step;
    found.insert(served);
    ASSERT_LT(step, 20);
  }
  EXPECT_EQ(found, whole);  // some kills come before the swap and some behind it
  old_one.build();          // and the next build cleans up
  EXPECT_FALSE(std::filesystem::exists(meta_path(next_cache(old_one.files().cache()))));
  for (const auto& entry : std::filesystem::directory_iterator(old_one.dir().path())) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(testing::HasSubstr(".tmp.")));
  }
}

TEST(CacheBesideAWriter, AFirstBuildKilledAtAnyStepLeavesNoneOrAWholeOne) {
  test::CacheWorkspace made;
  made.build();
  bool killed = true;
  for (int step = 1; killed; ++step) {
    test::CacheWorkspace fresh;
    killed = swap_in(made.files().cache(), fresh.files().cache(), step);
    if (std::filesystem::exists(fresh.files().cache())) {
      EXPECT_EQ(build_served(fresh), build_served(made)) << "killed at step " << step;
    }
    ASSERT_LT(step, 20);
  }
}

TEST(CacheBesideAWriter, WhatElseLiesInTheFolderStaysThere) {
  test::CacheWorkspace workspace;
  workspace.build();
  const auto cache = workspace.files().cache();
  write_file(cache / "tuned_weights.json", "{}\n");
  std::filesystem::create_directory(cache / "notes");
  write_file(cache / "notes" / "mine.txt", "kept\n");
  workspace.build();
  EXPECT_EQ(read_text_file(cache / "tuned_weights.json"), "{}\n");
  EXPECT_EQ(read_text_file(cache / "notes" / "mine.txt"), "kept\n");
}

}  // namespace
}  // namespace persona4rec
