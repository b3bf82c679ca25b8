// What is left when a stage is ended: by SIGTERM nothing, by SIGKILL nothing under a final name; the same command then
// goes on to the same bytes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <thread>

#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A FIFO that stands in for an input file: whoever reads it waits for more once `bytes` are read.
class StalledFile {
 public:
  StalledFile(const fs::path& path, std::string_view bytes) {
    if (mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo " + path.string());
    fd_ = open(path.c_str(), O_RDWR | O_CLOEXEC);  // for both: opening does not wait for a reader
    if (write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("the FIFO does not hold the bytes");
    }
  }
  StalledFile(const StalledFile&) = delete;
  StalledFile& operator=(const StalledFile&) = delete;
  ~StalledFile() { close(fd_); }

  // Waits until everything was read; false when nobody does for long.
  [[nodiscard]] bool wait_until_read() const {
    for (int i = 0; i < 3000; ++i) {
      int left = 0;
      if (ioctl(fd_, FIONREAD, &left) == 0 && left == 0) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

 private:
  int fd_ = -1;
};

std::vector<std::string> leftovers(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename().string().find(".tmp.") != std::string::npos) names.push_back(entry.path().filename());
  }
  return names;
}

// A stage and the input on which it is made to wait.
struct Stalled {
  const char* stage;
  const char* flag;
  const char* file;
};

class StalledStages : public ::testing::TestWithParam<Stalled> {
 protected:
  RunResult end_by(int signal_number) {
    return end_by(signal_number, [](const RunningProgram&) {});
  }

  // Runs the stage until it waits for its input, calls `meanwhile`, sends the signal, returns how it ended.
  RunResult end_by(int signal_number, const std::function<void(const RunningProgram&)>& meanwhile) {
    const fs::path made = dir_ / GetParam().file;
    const std::string bytes = read_file(fs::exists(made) ? made : kSource / "data/tiny" / GetParam().file);
    const fs::path fifo = dir_ / "fifo";
    fs::remove(fifo);
    const StalledFile file(fifo, std::string_view(bytes).substr(0, std::min<std::size_t>(bytes.size() / 2, 30'000)));
    Stage stage = pipeline_stage(GetParam().stage, dir_.path());
    const auto given = std::find(stage.words.begin(), stage.words.end(), GetParam().flag);
    if (given == stage.words.end()) {
      stage.words.insert(stage.words.end(), {GetParam().flag, fifo.string()});
    } else {
      *std::next(given) = fifo.string();
    }
    RunningProgram program(stage.words);
    EXPECT_TRUE(file.wait_until_read()) << program.err_so_far();
    meanwhile(program);
    program.send(signal_number);
    const RunResult result = program.wait();
    fs::remove(fifo);
    return result;
  }

  TempDir dir_;
};

TEST_P(StalledStages, EndBySigtermWithoutAnyOutput) {
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir_.path(), GetParam().stage));
  const auto before = reproducible_files(dir_.path());
  const RunResult result = end_by(SIGTERM);
  EXPECT_EQ(result.exit_code, 128 + SIGTERM) << result.err;
  EXPECT_THAT(result.err, HasSubstr("stopped by signal 15"));
  EXPECT_THAT(differing(before, reproducible_files(dir_.path())), IsEmpty());
  EXPECT_THAT(leftovers(dir_.path()), IsEmpty());
}

TEST_P(StalledStages, EndBySigkillWithNothingUnderAFinalName) {
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir_.path(), GetParam().stage));
  const auto before = reproducible_files(dir_.path());
  EXPECT_EQ(end_by(SIGKILL).exit_code, 128 + SIGKILL);
  EXPECT_THAT(differing(before, reproducible_files(dir_.path())), IsEmpty());
  const RunResult again = run_program(pipeline_stage(GetParam().stage, dir_.path()).words);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(leftovers(dir_.path()), IsEmpty()) << "the next run takes away what a killed one left";
}

// One writer a workspace: every other is refused with the process that writes, and the lock goes with a killed one.
TEST_P(StalledStages, RefuseASecondWriterAndNoReader) {
  const std::string stage = GetParam().stage;
  if (stage == "rerank") GTEST_SKIP() << "reads";
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir_.path()));
  const auto before = reproducible_files(dir_.path());
  (void)end_by(SIGKILL, [&](const RunningProgram& first) {
    for (const std::string other : {"prepare", "candidates valid", "select", stage.c_str()}) {
      const RunResult second = run_program(pipeline_stage(other, dir_.path()).words);
      EXPECT_EQ(second.exit_code, 1) << other << ": " << second.err;
      EXPECT_THAT(second.err, HasSubstr("another run of persona4rec (process " + std::to_string(first.pid()) + ")"));
    }
    const RunResult reader = run_program(pipeline_stage("rerank", dir_.path()).words);
    EXPECT_EQ(reader.exit_code, 0) << reader.err;
  });
  EXPECT_THAT(differing(before, reproducible_files(dir_.path())), IsEmpty());
  EXPECT_EQ(run_program(pipeline_stage(stage, dir_.path()).words).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Table, StalledStages,
                         ::testing::Values(Stalled{"extract-aspects", "--raw-reviews", "reviews.jsonl"},
                                           Stalled{"summarize", "--raw-meta", "meta.jsonl"},
                                           Stalled{"personas", "--aspects", "1_aspects.jsonl"},
                                           Stalled{"prepare", "--aspects", "1_aspects.jsonl"},
                                           Stalled{"select", "--history", "3.5_history.jsonl"},
                                           Stalled{"candidates test", "--aspects", "1_aspects.jsonl"},
                                           Stalled{"train", "--history", "3.5_history.jsonl"},
                                           Stalled{"cache", "--history", "3.5_history.jsonl"},
                                           Stalled{"rerank", "--candidates", "candidate.test.jsonl"}),
                         [](const auto& info) {
                           std::string name = info.param.stage;
                           std::replace_if(name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

// How long each stage of a whole run takes, so that kills fall into all of it on any machine.
std::map<std::string, std::chrono::nanoseconds> time_stages(const fs::path& workspace) {
  std::map<std::string, std::chrono::nanoseconds> times;
  for (const Stage& stage : pipeline_stages(workspace)) {
    const auto start = std::chrono::steady_clock::now();
    const RunResult result = run_program(stage.words);
    EXPECT_EQ(result.exit_code, 0) << stage.name << ": " << result.err;
    times[stage.name] = std::chrono::steady_clock::now() - start;
  }
  return times;
}

// Kills each stage at several moments of its run: whatever the moment, every file under a final name is the old one or
// the whole new one.
TEST(Killed, AtAnyMomentLeavesWholeFiles) {
  constexpr int kMoments = 6;
  const TempDir whole;
  const auto times = time_stages(whole.path());
  const auto reference = reproducible_files(whole.path());
  const TempDir dir;
  for (const Stage& stage : pipeline_stages(dir.path())) {
    SCOPED_TRACE(stage.name);
    const auto before = reproducible_files(dir.path());
    for (int moment = 1; moment <= kMoments; ++moment) {
      RunningProgram program(stage.words);
      std::this_thread::sleep_for(times.at(stage.name) * moment / (kMoments + 1));
      program.send(SIGKILL);
      (void)program.wait();
      for (const auto& [name, bytes] : reproducible_files(dir.path())) {
        if (name.find(".checkpoint") != std::string::npos) continue;  // what train goes on from
        const auto old = before.find(name);
        const bool is_old = old != before.end() && old->second == bytes;
        // Until the folder is swapped, the new meta file has a name of its own.
        const auto made = reference.find(name == "cache.next.meta.json" ? "cache.meta.json" : name);
        EXPECT_TRUE(is_old || (made != reference.end() && made->second == bytes)) << name << " at moment " << moment;
      }
    }
    const RunResult result = run_program(stage.words);
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  EXPECT_THAT(differing(reference, reproducible_files(dir.path())), IsEmpty());
  EXPECT_THAT(leftovers(dir.path()), IsEmpty());
}

// Ctrl+C at several moments of encoding and training, each time twice, and a run to the end.
TEST(Interrupted, TrainAndCacheGoOnToTheBytesOfAnUninterruptedRun) {
  constexpr int kMoments = 4;
  for (const std::string name : {"train", "cache"}) {
    SCOPED_TRACE(name);
    const TempDir before;
    ASSERT_NO_FATAL_FAILURE(run_pipeline(before.path(), name));
    fs::remove(before / "text.store");
    const auto copy_to = [&](const TempDir& dir) {
      fs::copy(before.path(), dir.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    };
    const TempDir whole;
    copy_to(whole);
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(run_program(pipeline_stage(name, whole.path()).words).exit_code, 0);
    const auto time = std::chrono::steady_clock::now() - start;
    const auto reference = reproducible_files(whole.path());
    int interrupted = 0;
    for (int moment = 1; moment <= kMoments; ++moment) {
      const TempDir dir;
      copy_to(dir);
      const Stage stage = pipeline_stage(name, dir.path());
      for (int time_of_two = 0; time_of_two < 2; ++time_of_two) {
        RunningProgram program(stage.words);
        std::this_thread::sleep_for(time * moment / (kMoments + 1));
        program.send(SIGINT);
        const RunResult result = program.wait();
        EXPECT_THAT(result.exit_code, ::testing::AnyOf(0, 128 + SIGINT)) << result.err;
        interrupted += result.exit_code == 0 ? 0 : 1;
      }
      const RunResult last = run_program(stage.words);
      EXPECT_EQ(last.exit_code, 0) << last.err;
      EXPECT_THAT(differing(reference, reproducible_files(dir.path())), IsEmpty()) << "moment " << moment;
    }
    EXPECT_GT(interrupted, 0);
  }
}

}  // namespace
}  // namespace persona4rec::test
