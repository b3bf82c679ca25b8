#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/progress_display.hpp"

namespace persona4rec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ProgressTest : public ::testing::Test {
 protected:
  ProgressDisplay display(const ProgressDisplayOptions& options) {
    return {options, [this](std::string_view text) { written_.emplace_back(text); }, [this] { return now_s_; }};
  }

  std::vector<std::string> written_;
  double now_s_ = 100;
};

TEST_F(ProgressTest, WritesALineNowAndThen) {
  ProgressDisplay shown = display({.bar = false, .line_every_s = 10});
  shown.update({.what = "reviews", .done = 0, .total = 4000});
  now_s_ += 5;
  shown.update({.what = "reviews", .done = 500, .total = 4000});
  EXPECT_THAT(written_, IsEmpty());
  now_s_ += 5;
  shown.update({.what = "reviews", .done = 1000, .total = 4000, .detail = "loss 3"});
  now_s_ += 1;
  shown.update({.what = "reviews", .done = 4000, .total = 4000});
  shown.finish();
  shown.finish();
  EXPECT_THAT(written_, ElementsAre("reviews  1,000 / 4,000  25 %  100/s  30 s left  loss 3\n",
                                    "reviews  4,000 / 4,000  100 %  363/s\n"));
}

TEST_F(ProgressTest, TheTimeLeftGoesByTheShareOfTheWork) {
  ProgressDisplay shown = display({.bar = false, .line_every_s = 10});
  shown.update({.what = "texts", .done = 0, .total = 100, .share = 0.1});
  now_s_ += 10;
  shown.update({.what = "texts", .done = 50, .total = 100, .share = 0.2});
  EXPECT_THAT(written_, ElementsAre("texts  50 / 100  50 %  5.00/s  1 min 20 s left\n"));
}

TEST_F(ProgressTest, IsSilentWhenAllIsQuick) {
  ProgressDisplay shown = display({.bar = false});
  for (std::uint64_t i = 0; i < 100; ++i) shown.update({.what = "texts", .done = i, .total = 100});
  shown.finish();
  EXPECT_THAT(written_, IsEmpty());
}

TEST_F(ProgressTest, DrawsOverOneLineAndTakesItAway) {
  ProgressDisplay shown = display({.bar = true, .bar_every_s = 0.1, .width = 16});
  shown.update({.what = "texts", .done = 0});
  now_s_ += 1;
  shown.update({.what = "texts", .done = 5, .detail = "a detail that is too long"});
  now_s_ += 0.05;
  shown.update({.what = "texts", .done = 6});
  shown.finish();
  EXPECT_THAT(written_, ElementsAre("\r\x1b[Ktexts  5  5.00/s", "\r\x1b[K"));
}

TEST_F(ProgressTest, DrawsABarWhenItKnowsTheTotal) {
  ProgressDisplay shown = display({.bar = true, .width = 42});
  shown.update({.what = "texts", .done = 0, .total = 1000});
  now_s_ += 1;
  shown.update({.what = "texts", .done = 550, .total = 1000});
  EXPECT_THAT(written_, ElementsAre("\r\x1b[Ktexts  [###########---------]  550 / 1,000"));
}

TEST_F(ProgressTest, BeginsAnewWhenSomethingElseIsCounted) {
  ProgressDisplay shown = display({.bar = false, .line_every_s = 1});
  shown.update({.what = "texts", .done = 50});
  now_s_ += 2;
  shown.update({.what = "texts", .done = 90});
  shown.update({.what = "users", .done = 1});
  now_s_ += 2;
  shown.update({.what = "users", .done = 101});
  EXPECT_THAT(written_, ElementsAre("texts  90  20/s\n", "texts  90  20/s\n", "users  101  50/s\n"));
}

}  // namespace
}  // namespace persona4rec
