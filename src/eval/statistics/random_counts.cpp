#include "eval/statistics/random_counts.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace persona4rec {
namespace {

constexpr double kFewExpected = 10;

// Uniform in (0, 1): its logarithm is finite.
double open_uniform(Rng& rng) {
  return (static_cast<double>(rng.next() >> 12U) + 0.5) * 0x1.0p-52;
}

// Trials up to the next success are geometric.
std::uint64_t draw_few(Rng& rng, std::uint64_t trials, double p) {
  const double per_trial = std::log1p(-p);
  const auto most = static_cast<double>(trials);
  double used = 0;
  for (std::uint64_t successes = 0;; ++successes) {
    used += std::ceil(std::log(open_uniform(rng)) / per_trial);
    if (used > most) return successes;
  }
}

// What Stirling's formula leaves out of log(k!).
double stirling_rest(double k) {
  static constexpr std::array<double, 10> kSmall = {
      0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.0207906721037650,  0.0166446911898211,
      0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287};
  if (k < static_cast<double>(kSmall.size())) return kSmall[static_cast<std::size_t>(k)];
  const double next = k + 1;
  const double inverse = 1 / (next * next);
  return (1.0 / 12 - (1.0 / 360 - inverse / 1260) * inverse) / next;
}

// REQUIRES: p <= .5, trials * p >= 10. Letters as in the paper.
std::uint64_t draw_many(Rng& rng, std::uint64_t trials, double p) {
  const auto n = static_cast<double>(trials);
  const double deviation = std::sqrt(n * p * (1 - p));
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double odds = p / (1 - p);
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double m = std::floor((n + 1) * p);
  while (true) {
    const double u = rng.uniform() - 0.5;
    const double v = open_uniform(rng);
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= 0.92 - 4.2 / b) return static_cast<std::uint64_t>(k);
    if (!(k >= 0 && k <= n)) continue;
    const double bound = (m + 0.5) * std::log((m + 1) / (odds * (n - m + 1))) +
                         (n + 1) * std::log((n - m + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(odds * (n - k + 1) / (k + 1)) + stirling_rest(m) + stirling_rest(n - m) -
                         stirling_rest(k) - stirling_rest(n - k);
    if (std::log(v * alpha / (a / (us * us) + b)) <= bound) return static_cast<std::uint64_t>(k);
  }
}

}  // namespace

std::uint64_t draw_binomial(Rng& rng, std::uint64_t trials, double p) {
  if (trials == 0 || p <= 0) return 0;
  if (p >= 1) return trials;
  if (p > 0.5) return trials - draw_binomial(rng, trials, 1 - p);
  return static_cast<double>(trials) * p < kFewExpected ? draw_few(rng, trials, p) : draw_many(rng, trials, p);
}

std::uint64_t toss_coins(Rng& rng, std::uint64_t trials) {
  std::uint64_t heads = 0;
  for (; trials >= 64; trials -= 64) heads += static_cast<std::uint64_t>(std::popcount(rng.next()));
  if (trials > 0) heads += static_cast<std::uint64_t>(std::popcount(rng.next() >> (64 - trials)));
  return heads;
}

void draw_multinomial(Rng& rng, std::span<const std::uint32_t> counts, std::span<std::uint32_t> drawn) {
  std::uint64_t users = 0;
  for (const auto count : counts) users += count;
  std::uint64_t draws = users;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double share = static_cast<double>(counts[i]) / static_cast<double>(users);
    const auto here = draw_binomial(rng, draws, share);
    drawn[i] = static_cast<std::uint32_t>(here);
    draws -= here;
    users -= counts[i];
  }
}

}  // namespace persona4rec
