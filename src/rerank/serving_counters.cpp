#include "rerank/serving_counters.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <utility>

#include "io/artifacts.hpp"

namespace persona4rec {
namespace {

constexpr double kFirst = 1e-7;  // seconds
constexpr double kGrowth = 1.02;

sigset_t report_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  return set;
}

std::size_t bucket_of(double seconds, std::size_t buckets) {
  if (seconds <= kFirst) return 0;
  return std::min(buckets - 1, static_cast<std::size_t>(std::log(seconds / kFirst) / std::log(kGrowth)));
}

// Since the cache was built; 0 where that is not known.
double age_of(const std::filesystem::path& cache) {
  std::error_code code;
  const auto built = std::filesystem::last_write_time(meta_path(cache), code);
  if (code) return 0;
  return std::chrono::duration<double>(std::filesystem::file_time_type::clock::now() - built).count();
}

}  // namespace

ServingCounters::ServingCounters(std::filesystem::path cache, std::function<void(const ServingReport&)> tell)
    : cache_(std::move(cache)), tell_(std::move(tell)) {
  if (!tell_) return;
  const auto set = report_signal();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ = std::thread([this] { answer_signals(); });
}

ServingCounters::~ServingCounters() {
  if (!listener_.joinable()) return;
  over_ = true;
  pthread_kill(listener_.native_handle(), SIGUSR1);
  listener_.join();
}

void ServingCounters::answer_signals() const {
  const auto set = report_signal();
  for (int number = 0; sigwait(&set, &number) == 0 && !over_;) tell_(report());
}

void ServingCounters::add(double seconds, bool user_known, std::uint64_t candidates, std::uint64_t items_unknown) {
  const std::lock_guard lock(mutex_);
  ++latencies_[bucket_of(seconds, kBuckets)];
  ++counted_.lists;
  counted_.users_unknown += user_known ? 0 : 1;
  counted_.candidates += candidates;
  counted_.items_unknown += items_unknown;
}

ServingReport ServingCounters::report() const {
  const std::lock_guard lock(mutex_);
  ServingReport out = counted_;
  out.cache_age_s = age_of(cache_);
  const auto percentile = [&](double share) {
    auto left = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(counted_.lists)));
    for (std::size_t i = 0; i < kBuckets && left > 0; ++i) {
      if (latencies_[i] >= left) return kFirst * std::pow(kGrowth, static_cast<double>(i + 1));
      left -= latencies_[i];
    }
    return 0.0;
  };
  out.p50_s = percentile(0.50);
  out.p99_s = percentile(0.99);
  return out;
}

}  // namespace persona4rec
