#include "base/process/launch.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "support/input_error.hpp"

namespace persona4rec {
namespace {

class LaunchTest : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
  [[nodiscard]] static std::string error() {
    try {
      static_cast<void>(read_launch());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      return error.what();
    }
    return {};
  }

 private:
  static void clear() {
    for (const char* name :
         {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "SLURM_PROCID", "SLURM_NTASKS",
          "SLURM_LOCALID", "SLURM_STEP_ID", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
          "OMPI_COMM_WORLD_LOCAL_RANK", "TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RESTART_COUNT"})
      ::unsetenv(name);
  }
};

TEST_F(LaunchTest, WithoutALauncherAProcessIsAlone) {
  EXPECT_EQ(read_launch().size, 1U);
  EXPECT_TRUE(read_launch().first());
  set("RANK", "0");
  set("WORLD_SIZE", "1");
  EXPECT_EQ(read_launch().size, 1U);
}

TEST_F(LaunchTest, ReadsTorchrun) {
  set("RANK", "3");
  set("WORLD_SIZE", "4");
  set("LOCAL_RANK", "1");
  set("MASTER_ADDR", "node-a");
  set("MASTER_PORT", "29500");
  set("TORCHELASTIC_USE_AGENT_STORE", "True");
  set("TORCHELASTIC_RESTART_COUNT", "2");
  const Launch launch = read_launch();
  EXPECT_EQ(launch.rank, 3U);
  EXPECT_EQ(launch.size, 4U);
  EXPECT_EQ(launch.local_rank, 1U);
  EXPECT_EQ(launch.address, "node-a");
  EXPECT_EQ(launch.port, 29500);
  EXPECT_TRUE(launch.meets_at_agent);
  EXPECT_EQ(launch.attempt, 2U);
}

TEST_F(LaunchTest, ReadsSrunAndMpirunButNotABatchScriptOfSlurm) {
  set("MASTER_ADDR", "node-a");
  set("MASTER_PORT", "29500");
  set("SLURM_PROCID", "0");
  set("SLURM_NTASKS", "2");
  EXPECT_EQ(read_launch().size, 1U);
  set("SLURM_STEP_ID", "0");
  set("SLURM_PROCID", "1");
  EXPECT_EQ(read_launch().rank, 1U);
  ::unsetenv("SLURM_STEP_ID");
  set("OMPI_COMM_WORLD_RANK", "2");
  set("OMPI_COMM_WORLD_SIZE", "3");
  EXPECT_EQ(read_launch().rank, 2U);
  EXPECT_EQ(read_launch().size, 3U);
}

TEST_F(LaunchTest, NamesWhatIsMissingOrWrong) {
  set("WORLD_SIZE", "2");
  EXPECT_NE(error().find("RANK is not set"), std::string::npos) << error();
  set("RANK", "2");
  EXPECT_NE(error().find("RANK=2: expected a number from 0 to 1"), std::string::npos) << error();
  set("RANK", "1");
  EXPECT_NE(error().find("MASTER_ADDR is not set"), std::string::npos) << error();
  set("MASTER_ADDR", "node-a");
  EXPECT_NE(error().find("MASTER_PORT is not set"), std::string::npos) << error();
  set("MASTER_PORT", "http");
  EXPECT_NE(error().find("MASTER_PORT=http: expected a number"), std::string::npos) << error();
}

}  // namespace
}  // namespace persona4rec
