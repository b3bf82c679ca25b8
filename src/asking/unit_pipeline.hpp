// Units through three steps: `fetch` and `write` one at a time, in the order of the units, `answer` on all processors.
// So the order of results, and their bytes, cannot depend on the number of threads. No thread is there for one step
// alone: whoever is free does what is next. Memory: some batches for each thread (base/bulk/ordered_units.hpp).
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "base/bulk/ordered_units.hpp"

namespace persona4rec {

// A batch ends with so many units, or with those whose weights, bytes say, reach so much: small ones, for the last of
// all keeps one thread busy alone.
struct UnitBatch {
  std::size_t units = 32;
  std::size_t weight = std::size_t{64} << 10U;
  std::size_t threads = 0;  // 0 = default_threads()
};

// `fetch` says false at the end; `weigh` is called once a unit, behind its fetch. A fetch may run beside a write, both
// in any thread. Of several exceptions that of the first batch ends the run; what was in work is waited for.
template <class Unit>
void run_in_order(const UnitBatch& bounds, const std::function<bool(Unit&)>& fetch,
                  const std::function<std::size_t(const Unit&)>& weigh, const std::function<void(Unit&)>& answer,
                  const std::function<void(Unit&)>& write) {
  using Batch = std::vector<Unit>;
  const auto fetch_batch = [&](Batch& batch) {
    batch.clear();
    std::size_t weight = 0;
    for (Unit unit; batch.size() < bounds.units && weight < bounds.weight && fetch(unit); unit = {}) {
      weight += weigh(unit);
      batch.push_back(std::move(unit));
    }
    return !batch.empty();
  };
  OrderedUnits<Batch>({.take = fetch_batch,
                       .make_worker =
                           [&] {
                             return [&](Batch& batch) {
                               for (auto& unit : batch) answer(unit);
                             };
                           },
                       .give =
                           [&](Batch& batch) {
                             for (auto& unit : batch) write(unit);
                             batch.clear();
                           },
                       .idle = {},
                       .would_wait = {},
                       .give_up = {}},
                      bounds.threads)
      .run();
}

}  // namespace persona4rec
