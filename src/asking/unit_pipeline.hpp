// Units through three steps in the order in which they come: `fetch` and `write` in the caller's thread, one at a time;
// `answer` on all processors, for one batch while the one before is written and the one behind is fetched. So the order
// of results, and their bytes, cannot depend on the number of threads. Memory: three batches.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <utility>
#include <vector>

#include "base/parallel.hpp"

namespace persona4rec {

// A batch ends with so many units, or with those whose weights, bytes say, reach so much.
struct UnitBatch {
  std::size_t units = 128;
  std::size_t weight = std::size_t{4} << 20U;
};

// `fetch` says false at the end; `weigh` is called once a unit, behind its fetch. The first exception of any step ends
// the run; what was in work is waited for.
template <class Unit>
void run_in_order(const UnitBatch& bounds, const std::function<bool(Unit&)>& fetch,
                  const std::function<std::size_t(const Unit&)>& weigh, const std::function<void(Unit&)>& answer,
                  const std::function<void(Unit&)>& write) {
  const auto fetch_batch = [&] {
    std::vector<Unit> batch;
    std::size_t weight = 0;
    for (Unit unit; batch.size() < bounds.units && weight < bounds.weight && fetch(unit); unit = {}) {
      weight += weigh(unit);
      batch.push_back(std::move(unit));
    }
    return batch;
  };
  std::vector<Unit> answered;
  for (auto batch = fetch_batch(); !batch.empty();) {
    auto answers = std::async(std::launch::async, [&] {
      parallel_ranges(batch.size(), 1, 0, [&](std::size_t begin, std::size_t) { answer(batch[begin]); });
    });
    for (auto& unit : answered) write(unit);
    auto behind = fetch_batch();
    answers.get();
    answered = std::exchange(batch, std::move(behind));
  }
  for (auto& unit : answered) write(unit);
}

}  // namespace persona4rec
