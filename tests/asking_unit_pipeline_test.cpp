// Units answered on all processors: the order of results is that of the units, whatever takes how long.
#include "asking/unit_pipeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>

namespace persona4rec {
namespace {

struct Number {
  std::size_t value = 0;
  std::size_t square = 0;
};

// Fetches 0 .. count - 1, squares them, and keeps what was written.
class Squares {
 public:
  explicit Squares(std::size_t count) : count_(count) {}

  void run(const UnitBatch& bounds, std::size_t bad_fetch = SIZE_MAX, std::size_t bad_answer = SIZE_MAX,
           std::size_t bad_write = SIZE_MAX) {
    const auto refuse = [](std::size_t value, std::size_t bad, const char* step) {
      if (value == bad) throw std::runtime_error(step);
    };
    run_in_order<Number>(
        bounds,
        [&](Number& unit) {
          refuse(fetched_, bad_fetch, "fetch");
          unit.value = fetched_;
          return fetched_++ < count_;
        },
        [](const Number&) { return std::size_t{10}; },
        [&](Number& unit) {
          refuse(unit.value, bad_answer, "answer");
          for (std::size_t work = 0; work < (unit.value % 7) * 1000; ++work) spent_ += work;  // the first are not first
          unit.square = unit.value * unit.value;
        },
        [&](Number& unit) {
          refuse(unit.value, bad_write, "write");
          most_ahead = std::max(most_ahead, fetched_.load() - unit.value);
          written.push_back(unit.square);
        });
  }

  std::vector<std::size_t> written;
  std::size_t most_ahead = 0;  // units in memory behind the one that is written

 private:
  std::size_t count_;
  std::atomic<std::size_t> fetched_{0};
  std::atomic<std::size_t> spent_{0};
};

std::vector<std::size_t> squares(std::size_t count) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(i * i);
  return all;
}

TEST(UnitPipeline, WritesInTheOrderOfTheUnits) {
  for (const std::size_t count : {0U, 1U, 4U, 5U, 1000U}) {
    Squares work(count);
    work.run({.units = 4});
    EXPECT_EQ(work.written, squares(count));
  }
}

TEST(UnitPipeline, HoldsSomeBatchesForEachThreadByNumberAndByWeight) {
  constexpr std::size_t kBatches = 12;  // of two threads
  Squares by_number(500);
  by_number.run({.units = 5, .threads = 2});
  EXPECT_LE(by_number.most_ahead, 5 * kBatches);
  Squares by_weight(500);
  by_weight.run({.units = 100, .weight = 25, .threads = 2});  // three units of 10
  EXPECT_LE(by_weight.most_ahead, 3 * kBatches);
  EXPECT_EQ(by_weight.written, squares(500));
}

TEST(UnitPipeline, FetchesNoMoreWhereWhatIsInWorkIsHeavy) {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    Squares work(500);
    work.run({.units = 1, .most = 25, .threads = threads});
    EXPECT_LE(work.most_ahead, threads * 25 / 10 + 2) << "one beyond the bound, and one asked for at the end";
    EXPECT_EQ(work.written, squares(500));
  }
}

TEST(UnitPipeline, GivesTheSameForAnyNumberOfThreads) {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    Squares work(333);
    work.run({.units = 4, .threads = threads});
    EXPECT_EQ(work.written, squares(333));
  }
}

TEST(UnitPipeline, EndsWithTheFirstExceptionOfAnyStep) {
  const auto message_of = [](std::size_t bad_fetch, std::size_t bad_answer, std::size_t bad_write) {
    Squares work(100);
    try {
      work.run({.units = 4, .most = 1}, bad_fetch, bad_answer, bad_write);  // threads wait for room as it ends
    } catch (const std::runtime_error& error) {
      EXPECT_LT(work.written.size(), 100U);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message_of(50, SIZE_MAX, SIZE_MAX), "fetch");
  EXPECT_EQ(message_of(SIZE_MAX, 50, SIZE_MAX), "answer");
  EXPECT_EQ(message_of(SIZE_MAX, SIZE_MAX, 50), "write");
}

}  // namespace
}  // namespace persona4rec
