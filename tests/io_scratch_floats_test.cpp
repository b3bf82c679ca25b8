#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <utility>

#include "io/mapped_file.hpp"
#include "persona4rec/error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;

class ScratchFloatsOf : public testing::TestWithParam<std::size_t> {};

// In memory and in a file: the same values.
TEST_P(ScratchFloatsOf, HoldWhatIsWrittenAndBeginWithZero) {
  const TempDir dir;
  ScratchFloats floats(1000, dir.path(), GetParam());
  EXPECT_EQ(floats.in_file(), GetParam() < 4000);
  ASSERT_EQ(floats.values().size(), 1000U);
  EXPECT_THAT(floats.values(), testing::Each(0.0F));
  std::iota(floats.values().begin(), floats.values().end(), 1.0F);
  ScratchFloats moved = std::move(floats);
  EXPECT_EQ(moved.in_file(), GetParam() < 4000);
  EXPECT_EQ(moved.values()[999], 1000.0F);
  EXPECT_TRUE(floats.empty());  // NOLINT: what a move leaves behind is what this line looks at
  EXPECT_TRUE(std::filesystem::is_empty(dir.path())) << "its file has no name";
}

INSTANTIATE_TEST_SUITE_P(Limits, ScratchFloatsOf, testing::Values(0, 3999, 4000));

TEST(ScratchFloats, OfNothingIsEmpty) {
  EXPECT_TRUE(ScratchFloats().empty());
  EXPECT_TRUE(ScratchFloats(0, "/nonexistent").empty());
}

TEST(ScratchFloats, ACopyHoldsTheSameValuesOfItsOwn) {
  const TempDir dir;
  std::vector<float> values(300, 2.5F);
  const auto copy = scratch_copy(values, dir.path());
  values.assign(300, 0);
  EXPECT_THAT(copy.values(), testing::SizeIs(300));
  EXPECT_THAT(copy.values(), testing::Each(2.5F));
}

TEST(ScratchFloats, SaysAtOnceThatTheDiskHasNoRoom) {
  const TempDir dir;
  try {
    const ScratchFloats floats(std::size_t{1} << 60U, dir.path());
    FAIL() << "4 EiB found room";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kOutput) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr("a temporary file of"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace persona4rec
