#include "encoder/ranks/ranks.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include "persona4rec/error.hpp"
#include "support/forked_ranks.hpp"

namespace persona4rec::test {
namespace {

at::Tensor values(std::int64_t rows, std::int64_t columns, std::size_t rank) {
  return at::arange(rows * columns, at::kFloat).view({rows, columns}) * 0.1F + static_cast<double>(rank) * 7;
}

TEST(Ranks, AloneEveryCallGivesBackWhatIsGiven) {
  const auto ranks = Ranks::join(Launch{});
  std::vector<at::Tensor> tensors = {at::ones({3})};
  ranks->sum(tensors);
  EXPECT_TRUE(at::equal(tensors[0], at::ones({3})));
  EXPECT_TRUE(at::equal(ranks->gather(values(2, 3, 0)), values(2, 3, 0)));
  EXPECT_TRUE(ranks->any(true));
  EXPECT_FALSE(ranks->any(false));
  ranks->barrier();
  EXPECT_EQ(ranks->size(), 1U);
  EXPECT_TRUE(ranks->first());
}

TEST(Ranks, SumsTensorsOfAllSizesAndTypes) {
  for (const std::size_t size : {2U, 3U}) {
    const auto ends = run_ranks(size, [size](Ranks& ranks) {
      const auto n = static_cast<double>(size);
      const double extra = 7 * n * (n - 1) / 2;
      std::vector<at::Tensor> tensors;
      for (const std::int64_t rows : {1, 0, 3, 17, 1000, 70001, 3000000})
        tensors.push_back(values(rows, 3, ranks.rank()));
      tensors.push_back(at::full({5}, static_cast<std::int64_t>(ranks.rank()) + 1, at::kLong));
      tensors.push_back(at::full({2, 2}, 1.5, at::kBFloat16));
      tensors.push_back(values(4, 4, ranks.rank()).t());  // not contiguous
      ranks.sum(tensors);
      bool good = true;
      for (std::size_t i = 0; i < 7; ++i)
        good &= at::allclose(tensors[i], values(tensors[i].size(0), 3, 0) * n + extra, 1e-5, 1e-4);
      good &= tensors[7].eq(static_cast<std::int64_t>(size * (size + 1) / 2)).all().item<bool>();
      good &= tensors[8].eq(1.5 * n).all().item<bool>();
      return good && at::allclose(tensors[9], values(4, 4, 0).t() * n + extra);
    });
    EXPECT_EQ(ends, std::vector<int>(size, kAsExpected));
  }
}

TEST(Ranks, GatherKeepsTheOrderOfRanksWhenTheyHaveDifferentNumbersOfRows) {
  for (const std::size_t size : {2U, 3U}) {
    const auto ends = run_ranks(size, [size](Ranks& ranks) {
      const auto rows_of = [](std::size_t rank) { return static_cast<std::int64_t>(rank * 5 % 7); };  // 0, 5, 3
      std::vector<at::Tensor> expected;
      for (std::size_t rank = 0; rank < size; ++rank) expected.push_back(values(rows_of(rank), 4, rank));
      auto mine = values(rows_of(ranks.rank()), 4, ranks.rank()).requires_grad_();
      const auto all = ranks.gather(mine);
      return at::equal(all, at::cat(expected)) && !all.requires_grad() &&
             ranks.gather(at::empty({0, 4})).sizes() == at::IntArrayRef({0, 4});
    });
    EXPECT_EQ(ends, std::vector<int>(size, kAsExpected));
  }
}

TEST(Ranks, AllHearWhatOneSays) {
  const auto ends = run_ranks(3, [](Ranks& ranks) {
    const bool one = ranks.any(ranks.rank() == 2);
    const bool none = ranks.any(false);
    ranks.barrier();
    return one && !none;
  });
  EXPECT_EQ(ends, std::vector<int>(3, kAsExpected));
}

TEST(Ranks, SumsHaveTheSameBytesOnEveryRankAndInEveryRun) {
  const auto work = [](Ranks& ranks) {
    at::manual_seed(11 + ranks.rank());
    std::vector<at::Tensor> tensors = {at::randn({12345})};
    ranks.sum(tensors);
    const auto first = tensors[0].clone();
    at::manual_seed(11 + ranks.rank());
    tensors[0] = at::randn({12345});
    ranks.sum(tensors);
    const auto all = ranks.gather(first.unsqueeze(0));
    bool good = at::equal(first, tensors[0]);
    for (std::int64_t rank = 0; rank < all.size(0); ++rank) good &= at::equal(all[rank], first);
    return good;
  };
  EXPECT_EQ(run_ranks(3, work), std::vector<int>(3, kAsExpected));
}

TEST(Ranks, TheOthersEndWithAnErrorWhenOneIsKilled) {
  const auto ends = run_ranks(3, [](Ranks& ranks) {
    ranks.barrier();
    if (ranks.rank() == 1) std::raise(SIGKILL);
    ranks.barrier();
    return true;
  });
  EXPECT_EQ(ends, (std::vector<int>{kError, -SIGKILL, kError}));
}

TEST(Ranks, TheOthersEndWithAnErrorWhenOneHangs) {
  for (const std::size_t hanging : {0U, 1U}) {
    const auto ends = run_ranks(
        2,
        [hanging](Ranks& ranks) {
          ranks.barrier();
          if (ranks.rank() == hanging) std::raise(SIGSTOP);
          ranks.barrier();
          return true;
        },
        std::chrono::seconds(5));
    EXPECT_EQ(ends[hanging], -SIGSTOP);
    EXPECT_EQ(ends[1 - hanging], kError);
  }
}

TEST(Ranks, AnErrorOfOneEndsAll) {
  const auto ends = run_ranks(2, [](Ranks& ranks) {
    if (ranks.rank() == 1) throw input_error({}, "only here");
    ranks.barrier();
    return true;
  });
  EXPECT_EQ(ends, (std::vector<int>{kError, kError}));
}

}  // namespace
}  // namespace persona4rec::test
