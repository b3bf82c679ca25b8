// Every target over its kept inputs (sound ones, and those that once found something) and over two thousand changed
// ones, in seconds and without clang. The changes are the same on every machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/rng.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/mutation.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::fuzz {
namespace {

const std::filesystem::path kCorpus = test::source_dir() / "tests/fuzz/corpus";
constexpr int kChangedInputs = 2000;
constexpr std::chrono::seconds kLongestRun{20};  // of one input; what once hung took minutes or for ever

std::vector<std::string> names_of_targets() {
  std::vector<std::string> names;
  for (const auto& [name, run] : targets()) names.push_back(name);
  return names;
}

std::vector<std::filesystem::path> inputs_of(const std::string& target) {
  std::vector<std::filesystem::path> inputs;
  if (!std::filesystem::is_directory(kCorpus / target)) return inputs;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus / target)) inputs.push_back(entry.path());
  std::ranges::sort(inputs);
  return inputs;
}

class FuzzReplay : public testing::TestWithParam<std::string> {};

TEST_P(FuzzReplay, KeptInputsAreReadOrRefused) {
  const auto inputs = inputs_of(GetParam());
  ASSERT_FALSE(inputs.empty()) << "tests/fuzz/corpus/" << GetParam() << " holds no input";
  for (const auto& input : inputs) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_NO_THROW(run_target(targets().at(GetParam()), test::read_file(input))) << input;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kLongestRun) << input;
  }
}

TEST_P(FuzzReplay, NothingAndGarbageAreReadOrRefused) {
  const auto run = targets().at(GetParam());
  std::string everything;
  for (int byte = 0; byte < 256; ++byte) everything += static_cast<char>(byte);
  for (const std::string& input : {std::string(), std::string(1, '\0'), std::string("{}"), everything}) {
    EXPECT_NO_THROW(run_target(run, input));
  }
}

TEST_P(FuzzReplay, ChangedInputsAreReadOrRefused) {
  std::vector<std::string> inputs;
  for (const auto& file : inputs_of(GetParam())) inputs.push_back(test::read_file(file));
  const ScratchFolder scratch;
  Rng rng(20);
  for (int changed = 0; changed < kChangedInputs; ++changed) {
    const std::string input = mutate(inputs, rng);
    scratch.write("input", input);  // a crash leaves it there
    EXPECT_NO_THROW(run_target(targets().at(GetParam()), input)) << "change " << changed;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzReplay, testing::ValuesIn(names_of_targets()),
                         [](const auto& info) { return info.param; });

TEST(FuzzReplay, EveryCorpusHasATarget) {
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus)) {
    EXPECT_TRUE(targets().contains(entry.path().filename().string())) << entry.path();
  }
}

TEST(FuzzReplay, FindsAnInternalError) {
  EXPECT_ANY_THROW(run_target([](std::string_view) { throw std::runtime_error("of a library"); }, ""));
}

}  // namespace
}  // namespace persona4rec::fuzz
