// The stages that ask, without a model, on one processor and on all of them.
#include <gtest/gtest.h>
#include <sched.h>

#include <map>
#include <string>
#include <vector>

#include "support/pipeline.hpp"

namespace persona4rec {
namespace {

// What the program starts on while the object lives: the first processor of those that the test may use.
class OneProcessor {
 public:
  OneProcessor() {
    CPU_ZERO(&all_);
    sched_getaffinity(0, sizeof(all_), &all_);
    int first = 0;
    while (first + 1 < CPU_SETSIZE && !CPU_ISSET(first, &all_)) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    EXPECT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  }
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;
  ~OneProcessor() { sched_setaffinity(0, sizeof(all_), &all_); }

 private:
  cpu_set_t all_;
};

std::map<std::string, std::string> offline_outputs(const std::filesystem::path& workspace) {
  test::run_pipeline(workspace, "candidates valid");
  return test::reproducible_files(workspace);
}

TEST(OfflineProcessors, GiveTheSameBytesWhateverTheirNumber) {
  const test::TempDir dir;
  const auto on_all = offline_outputs(dir / "all");
  ASSERT_TRUE(on_all.contains("4_selected_personas.jsonl"));
  const OneProcessor pinned;
  EXPECT_EQ(test::differing(offline_outputs(dir / "one"), on_all), std::vector<std::string>());
}

}  // namespace
}  // namespace persona4rec
