#include "base/bulk/ordered_units.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <numeric>
#include <stdexcept>
#include <string>

namespace persona4rec {
namespace {

struct Number {
  int value = 0;
  int square = 0;
};

// Stages that count from 0 on to `count` and square.
OrderedStages<Number> squares_up_to(int count, std::vector<int>& out) {
  return {.take =
              [next = 0, count](Number& unit) mutable {
                unit.value = next;
                return next++ < count;
              },
          .make_worker = [] { return [](Number& unit) { unit.square = unit.value * unit.value; }; },
          .give = [&out](Number& unit) { out.push_back(unit.square); },
          .idle = {},
          .would_wait = {},
          .give_up = {}};
}

TEST(OrderedUnits, ComeOutInTheirOrder) {
  for (const std::size_t threads : {1, 2, 5}) {
    std::vector<int> out;
    OrderedUnits<Number>(squares_up_to(1000, out), threads).run();
    ASSERT_EQ(out.size(), 1000U);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)], i * i);
  }
}

TEST(OrderedUnits, NoneIsNone) {
  std::vector<int> out;
  OrderedUnits<Number>(squares_up_to(0, out), 3).run();
  EXPECT_TRUE(out.empty());
}

// However it is: the error of unit 40 is met first by some thread, that of unit 20 is the one that counts.
TEST(OrderedUnits, OfSeveralErrorsTheFirstUnitsIsThrown) {
  for (const std::size_t threads : {1, 2, 5}) {
    std::vector<int> out;
    auto stages = squares_up_to(1000, out);
    stages.make_worker = [] {
      return [](Number& unit) {
        if (unit.value >= 20 && unit.value % 20 == 0) throw std::runtime_error(std::to_string(unit.value));
      };
    };
    try {
      OrderedUnits<Number>(std::move(stages), threads).run();
      ADD_FAILURE() << "no error";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "20");
    }
    EXPECT_EQ(out.size(), 20U) << "what stands before it was given";
  }
}

TEST(OrderedUnits, AnErrorOfTakeComesBehindTheUnitsBeforeIt) {
  for (const std::size_t threads : {1, 3}) {
    std::vector<int> out;
    auto stages = squares_up_to(1000, out);
    stages.take = [take = stages.take](Number& unit) {
      const bool more = take(unit);
      if (unit.value == 7) throw std::runtime_error("broken");
      return more;
    };
    EXPECT_THROW(OrderedUnits<Number>(std::move(stages), threads).run(), std::runtime_error);
    EXPECT_EQ(out.size(), 7U);
  }
}

// Units that are asked for one by one, each after the answer to the one before: no result waits for a second unit.
// Whether the thread that has one goes on alone or not.
class OneByOne : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(OrderedUnits, OneByOne, ::testing::Bool());
TEST_P(OneByOne, AResultIsGivenWhileTheNextUnitIsAwaited) {
  constexpr int kUnits = 50;
  std::vector<std::promise<void>> asked(kUnits);
  std::vector<std::promise<void>> idle(kUnits);
  std::vector<int> out;
  auto stages = squares_up_to(kUnits, out);
  stages.take = [&, take = stages.take, next = 0](Number& unit) mutable {
    if (next < kUnits) asked[static_cast<std::size_t>(next++)].get_future().wait();
    return take(unit);
  };
  if (GetParam()) stages.would_wait = [] { return true; };
  stages.idle = [&, next = 0]() mutable { idle[static_cast<std::size_t>(next++)].set_value(); };
  std::thread client([&] {
    for (int i = 0; i < kUnits; ++i) {
      asked[static_cast<std::size_t>(i)].set_value();
      idle[static_cast<std::size_t>(i)].get_future().wait();
    }
  });
  OrderedUnits<Number>(std::move(stages), 2).run();
  client.join();
  EXPECT_EQ(out.size(), static_cast<std::size_t>(kUnits));
}

// take() may wait for input that never comes: give_up() ends that.
TEST(OrderedUnits, AnErrorEndsAWaitingTake) {
  std::promise<void> ended;
  std::vector<int> out;
  auto stages = squares_up_to(1000, out);
  stages.take = [&, take = stages.take, next = 0](Number& unit) mutable {
    if (next++ == 1) {
      ended.get_future().wait();
      return false;
    }
    return take(unit);
  };
  stages.give = [](Number&) { throw std::runtime_error("refused"); };
  stages.give_up = [&] { ended.set_value(); };
  EXPECT_THROW(OrderedUnits<Number>(std::move(stages), 2).run(), std::runtime_error);
}

TEST(OrderedUnits, AThreadThatWentOnAloneLetsTheOthersInAgain) {
  std::vector<int> out;
  std::atomic<int> working = 0;
  std::atomic<bool> met = false;
  auto stages = squares_up_to(1000, out);
  stages.would_wait = [calls = 0]() mutable { return ++calls < 100; };
  stages.make_worker = [&] {
    return [&](Number& unit) {
      unit.square = unit.value * unit.value;
      ++working;
      while (unit.value > 100 && !met) {  // until another thread works too
        if (working > 1) met = true;
      }
      --working;
    };
  };
  OrderedUnits<Number>(std::move(stages), 2).run();
  ASSERT_EQ(out.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)], i * i);
}

TEST(OrderedUnits, EachThreadWorksWithItsOwn) {
  std::vector<int> out;
  std::atomic<int> workers = 0;
  auto stages = squares_up_to(100, out);
  stages.make_worker = [&workers] {
    ++workers;
    return [](Number&) {};
  };
  OrderedUnits<Number>(std::move(stages), 4).run();
  EXPECT_EQ(workers, 4);
}

}  // namespace
}  // namespace persona4rec
