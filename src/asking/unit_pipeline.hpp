// Units through three steps: `fetch` and `write` one at a time, in the order of the units, `answer` on all processors.
// So the order of results, and their bytes, cannot depend on the number of threads. No thread is there for one step
// alone: whoever is free does what is next. Memory: some batches for each thread (base/bulk/ordered_units.hpp), as far
// as the bound on their weights allows.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/bulk/ordered_units.hpp"
#include "base/parallel.hpp"

namespace persona4rec {

// A batch ends with so many units, or with those whose weights, bytes say, reach so much: small ones, for the last of
// all keeps one thread busy alone.
struct UnitBatch {
  std::size_t units = 32;
  std::size_t weight = std::size_t{64} << 10U;
  std::size_t most = std::size_t{4} << 20U;  // weight in work, for each thread: from there on none is fetched
  std::size_t threads = 0;                   // 0 = default_threads()
};

// What is in work. Thread-safety: any.
class WeightInWork {
 public:
  explicit WeightInWork(std::size_t most) : most_(most) {}

  // Waits until there is room for more; false when none is wanted any longer.
  [[nodiscard]] bool wait_for_room() {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [this] { return over_ || weight_ < most_; });
    return !over_;
  }
  void add(std::size_t weight) {
    const std::lock_guard lock(mutex_);
    weight_ += weight;
  }
  void take_off(std::size_t weight) {
    const std::lock_guard lock(mutex_);
    weight_ -= weight;
    given_.notify_one();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    given_.notify_all();
  }

 private:
  std::size_t most_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable given_;
  std::size_t weight_ = 0;
  bool over_ = false;
};

// `fetch` says false at the end; `weigh` is called once a unit, behind its fetch. A fetch may run beside a write, both
// in any thread. Of several exceptions that of the first batch ends the run; what was in work is waited for.
template <class Unit>
void run_in_order(const UnitBatch& bounds, const std::function<bool(Unit&)>& fetch,
                  const std::function<std::size_t(const Unit&)>& weigh, const std::function<void(Unit&)>& answer,
                  const std::function<void(Unit&)>& write) {
  struct Batch {
    std::vector<Unit> units;
    std::size_t weight = 0;
  };
  const auto threads = bounds.threads == 0 ? default_threads() : bounds.threads;
  WeightInWork in_work(bounds.most * threads);
  const auto fetch_batch = [&](Batch& batch) {
    batch = {};
    if (!in_work.wait_for_room()) return false;
    for (Unit unit; batch.units.size() < bounds.units && batch.weight < bounds.weight && fetch(unit); unit = {}) {
      batch.weight += weigh(unit);
      batch.units.push_back(std::move(unit));
    }
    in_work.add(batch.weight);
    return !batch.units.empty();
  };
  const auto write_batch = [&](Batch& batch) {
    for (auto& unit : batch.units) write(unit);
    batch.units.clear();
    in_work.take_off(batch.weight);
  };
  const auto make_worker = [&] {
    return [&](Batch& batch) {
      for (auto& unit : batch.units) answer(unit);
    };
  };
  OrderedUnits<Batch>({.take = fetch_batch,
                       .make_worker = make_worker,
                       .give = write_batch,
                       .idle = {},
                       .would_wait = {},
                       .give_up = [&] { in_work.end(); }},
                      threads)
      .run();
}

}  // namespace persona4rec
