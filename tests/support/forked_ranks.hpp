// Ranks as processes of this program, forked before anything of LibTorch runs threads in them.
#pragma once

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "encoder/ranks/ranks.hpp"
#include "persona4rec/error.hpp"
#include "support/free_port.hpp"

namespace persona4rec::test {

using Work = std::function<bool(Ranks& ranks)>;  // false = not as expected

inline constexpr int kAsExpected = 0;
inline constexpr int kNotAsExpected = 40;
inline constexpr int kError = 41;

inline int run_rank(const Launch& launch, const Work& work, std::chrono::milliseconds silence) {
  at::set_num_threads(1);  // what was forked has none of its parent's
  try {
    const auto ranks = Ranks::join(launch, at::kCPU, silence);
    return work(*ranks) ? kAsExpected : kNotAsExpected;
  } catch (const Error& error) {
    std::fprintf(stderr, "rank %zu: %s\n", launch.rank, error.what());
    return kError;
  }
}

// The exit status of each rank; -signal where one ended it.
inline std::vector<int> run_ranks(std::size_t size, const Work& work,
                                  std::chrono::milliseconds silence = kRankSilence) {
  const std::uint16_t port = free_port();
  std::vector<pid_t> children;
  for (std::size_t rank = 0; rank < size; ++rank) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::_Exit(run_rank({.rank = rank, .size = size, .address = "127.0.0.1", .port = port}, work, silence));
    }
    children.push_back(child);
  }
  std::vector<int> ends;
  for (const pid_t child : children) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, WUNTRACED), child);
    if (WIFSTOPPED(status)) {
      ends.push_back(-WSTOPSIG(status));
      continue;
    }
    ends.push_back(WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
  }
  for (std::size_t rank = 0; rank < size; ++rank) {
    if (ends[rank] == -SIGSTOP) ::kill(children[rank], SIGKILL);
    if (ends[rank] == -SIGSTOP) ::waitpid(children[rank], nullptr, 0);
  }
  return ends;
}

}  // namespace persona4rec::test
