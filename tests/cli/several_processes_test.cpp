// cache as several processes of one run, started as torchrun, srun and mpirun start them: by environment variables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "support/free_port.hpp"
#include "support/json_lines.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::unique_ptr<RunningProgram>> start_ranks(const std::vector<std::string>& words, int size) {
  const std::string port = std::to_string(free_port());
  std::vector<std::unique_ptr<RunningProgram>> programs;
  for (int rank = 0; rank < size; ++rank) {
    programs.push_back(std::make_unique<RunningProgram>(words, RunSettings{.environment = {
                                                                               {"RANK", std::to_string(rank)},
                                                                               {"WORLD_SIZE", std::to_string(size)},
                                                                               {"MASTER_ADDR", "127.0.0.1"},
                                                                               {"MASTER_PORT", port},
                                                                           }}));
  }
  return programs;
}

class SeveralProcesses : public ::testing::Test {
 protected:
  // A workspace that `cache` comes next in, and what one process makes of it.
  static void SetUpTestSuite() {
    before_ = std::make_unique<TempDir>();
    run_pipeline(before_->path(), "cache");
    fs::remove(*before_ / "text.store");
    const TempDir one;
    copy_to(one);
    ASSERT_EQ(run_program(cache_in(one)).exit_code, 0);
    reference_ = reproducible_files(one.path());
  }
  static void TearDownTestSuite() { before_.reset(); }

  static void copy_to(const TempDir& dir) {
    fs::copy(before_->path(), dir.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  static std::vector<std::string> cache_in(const TempDir& dir) { return pipeline_stage("cache", dir.path()).words; }
  static std::vector<RunResult> run_all(const std::vector<std::string>& words, int size) {
    std::vector<RunResult> results;
    for (const auto& program : start_ranks(words, size)) results.push_back(program->wait());
    return results;
  }

  static std::unique_ptr<TempDir> before_;
  static std::map<std::string, std::string> reference_;
};

std::unique_ptr<TempDir> SeveralProcesses::before_;
std::map<std::string, std::string> SeveralProcesses::reference_;

TEST_F(SeveralProcesses, MakeTheCacheOfOne) {
  for (const int size : {2, 3}) {
    SCOPED_TRACE(size);
    const TempDir dir;
    copy_to(dir);
    const auto results = run_all(cache_in(dir), size);
    for (int rank = 0; rank < size; ++rank) {
      EXPECT_EQ(results[rank].exit_code, 0) << results[rank].err;
      if (rank > 0) {
        EXPECT_THAT(results[rank].err, IsEmpty());
      }
    }
    EXPECT_THAT(results[0].err, HasSubstr("cache: "));
    EXPECT_THAT(differing(reference_, reproducible_files(dir.path())), IsEmpty());
    EXPECT_TRUE(fs::exists(dir / "text.store"));
    EXPECT_FALSE(fs::exists(dir / "text.store.rank1"));
    const RunResult again = run_program(cache_in(dir));  // all that they have made lies in the store
    EXPECT_THAT(again.err, ::testing::Not(HasSubstr("texts encoded")));
  }
}

TEST_F(SeveralProcesses, ARunThatIsKilledIsGoneOnWithByAsManyOrFewer) {
  for (const int moment : {0, 1, 2, 3}) {
    SCOPED_TRACE(moment);
    const TempDir dir;
    copy_to(dir);
    auto programs = start_ranks(cache_in(dir), 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(150 * moment));  // any moment will do
    programs[1]->send(SIGKILL);
    for (const int other : {0, 2}) programs[other]->send(SIGTERM);  // as launchers do when one has ended
    for (auto& program : programs) static_cast<void>(program->wait());
    for (const auto& result : run_all(cache_in(dir), 2)) EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(differing(reference_, reproducible_files(dir.path())), IsEmpty());
  }
}

std::vector<std::string> train_in(const TempDir& dir, const std::string& mode, int batch) {
  const auto text = [](const fs::path& path) { return path.string(); };
  std::vector<std::string> words = {"train", "--config", text(kSource / "configs/tiny.toml"), "--workspace"};
  words.insert(words.end(), {text(dir.path()), "--output", text(dir / "trained"), "--mode", mode, "--encoder"});
  words.insert(words.end(), {text(kSource / "tests/golden/encoder/tiny_bert"), "--no-fit", "--dtype", "f32"});
  words.insert(words.end(), {"--epochs", "2", "--learning-rate", "1e-3", "--threads", "1"});
  words.insert(words.end(), {"--batch-size", std::to_string(batch)});
  if (mode != "head") words.insert(words.end(), {"--dropout", "0"});
  if (mode == "lora") words.insert(words.end(), {"--lora-dropout", "0"});
  return words;
}

// 2 ranks with batches of 8 against one with batches of 16: losses of the log, which has them in full.
TEST_F(SeveralProcesses, TrainWhatOneTrains) {
  for (const std::string mode : {"head", "full", "lora"}) {
    SCOPED_TRACE(mode);
    std::vector<std::vector<nlohmann::json>> logs;
    for (const int size : {1, 2}) {
      const TempDir dir;
      copy_to(dir);
      for (const auto& result : run_all(train_in(dir, mode, 16 / size), size)) {
        ASSERT_EQ(result.exit_code, 0) << result.err;
      }
      auto& log = logs.emplace_back();
      for (const auto& line : json_lines(read_file(dir / "trained/train_log.jsonl"))) log.push_back(line);
    }
    ASSERT_GE(logs[0].size(), 3U);
    ASSERT_EQ(logs[0].size(), logs[1].size());
    for (std::size_t epoch = 1; epoch < logs[0].size(); ++epoch) {
      EXPECT_EQ(logs[0][epoch]["steps"], logs[1][epoch]["steps"]);
      const double alone = logs[0][epoch]["loss"];
      EXPECT_NEAR(logs[1][epoch]["loss"].get<double>(), alone, 1e-5 * alone);
    }
  }
}

TEST_F(SeveralProcesses, RefuseWhatIsMissing) {
  const TempDir dir;
  copy_to(dir);
  const RunResult result = run_program(cache_in(dir), {.environment = {{"RANK", "0"}, {"WORLD_SIZE", "2"}}});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("MASTER_ADDR is not set, and WORLD_SIZE says"));
}

TEST_F(SeveralProcesses, RefuseOneWithOtherTexts) {
  const TempDir dir;
  const TempDir other;
  copy_to(dir);
  copy_to(other);
  const std::string port = std::to_string(free_port());
  const auto environment = [&](const char* rank) {
    return RunSettings{
        .environment = {{"RANK", rank}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "localhost"}, {"MASTER_PORT", port}}};
  };
  auto words = cache_in(other);
  words.insert(words.end(), {"--max-length", "16"});
  RunningProgram first(cache_in(dir), environment("0"));
  RunningProgram second(words, environment("1"));
  for (RunningProgram* program : {&first, &second}) {
    const RunResult result = program->wait();
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr("rank 1 has another encoder"));
  }
}

}  // namespace
}  // namespace persona4rec::test
