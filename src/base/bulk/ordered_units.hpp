// Work on a stream of units by several threads whose results come out in the stream's order.
//
// Each thread takes a unit (one thread at a time, in order), works on it (beside the others), and gives what is done
// (one thread at a time, in order again). No thread waits for a second unit while a first can be given: a stream that
// brings one unit now and then gets each result at once. Of several errors the first unit's is thrown, whatever the
// number of threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/parallel.hpp"

namespace persona4rec {

template <class Unit>
struct OrderedStages {
  std::function<bool(Unit&)> take;                          // false at the end; may wait for input
  std::function<std::function<void(Unit&)>()> make_worker;  // called once in each thread: what works on a unit
  std::function<void(Unit&)> give;
  std::function<void()> idle;  // all that was taken is given; as give() is called; may be empty
  // Would take() wait for input now? Then who has the unit goes on alone, and no other thread is woken for nothing: a
  // stream of single units gets its results sooner. Called behind take(); empty: never.
  std::function<bool()> would_wait;
  std::function<void()> give_up;  // there was an error: take() must end soon; from any thread; may be empty
};

// Units are kept and used again: take() finds one as give() left it.
template <class Unit>
class OrderedUnits {
 public:
  // `threads`: 0 = default_threads().
  OrderedUnits(OrderedStages<Unit> stages, std::size_t threads)
      : stages_(std::move(stages)),
        threads_(threads == 0 ? default_threads() : threads),
        slots_(threads_ == 1 ? 1 : kUnitsPerThread * threads_) {}

  // Until take() says that there is no more. Throws the first error in the order of the units.
  void run() {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < threads_; ++i) threads.emplace_back([this] { work(); });
    work();
    threads.clear();  // joins
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr std::size_t kUnitsPerThread = 6;

  struct Slot {
    Unit unit;
    std::exception_ptr error;
    bool done = false;
  };

  void work() {
    const auto worker = stages_.make_worker();
    std::unique_lock alone(take_mutex_, std::defer_lock);
    for (;;) {
      if (!alone) alone.lock();
      Slot* slot = take();
      if (slot == nullptr) return;
      if (slot->error || !goes_on_alone()) alone.unlock();
      if (!slot->error) slot->error = error_of([&] { worker(slot->unit); });
      give(*slot);
    }
  }

  template <class Body>
  static std::exception_ptr error_of(const Body& body) {
    try {
      body();
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  [[nodiscard]] bool goes_on_alone() const { return threads_ > 1 && stages_.would_wait && stages_.would_wait(); }

  // REQUIRES: the thread holds take_mutex_.
  Slot* take() {
    {
      std::unique_lock lock(mutex_);
      given_one_.wait(lock, [this] { return over_ || taken_ - given_ < slots_.size(); });
      if (over_) return nullptr;
    }
    Slot& slot = slots_[taken_ % slots_.size()];
    bool more = true;
    slot.error = error_of([&] { more = stages_.take(slot.unit); });
    const std::lock_guard lock(mutex_);
    over_ |= !more || slot.error;
    if (!more && !slot.error) return nullptr;
    ++taken_;
    return &slot;
  }

  // Gives this one and those behind it that are done, unless it is another's turn or another thread is at it.
  void give(Slot& done) {
    std::unique_lock lock(mutex_);
    done.done = true;
    if (giving_) return;
    giving_ = true;
    while (given_ < taken_ && slots_[given_ % slots_.size()].done && !failure_) give_next(lock);
    giving_ = false;
  }

  void give_next(std::unique_lock<std::mutex>& lock) {
    Slot& slot = slots_[given_ % slots_.size()];
    lock.unlock();
    auto error = slot.error ? slot.error : error_of([&] { stages_.give(slot.unit); });
    lock.lock();
    slot.done = false;
    ++given_;
    if (!error && given_ == taken_ && stages_.idle) {
      lock.unlock();
      error = error_of(stages_.idle);
      lock.lock();
    }
    if (error) {
      failure_ = error;
      over_ = true;
      if (stages_.give_up) stages_.give_up();
    }
    given_one_.notify_all();
  }

  OrderedStages<Unit> stages_;
  std::size_t threads_;
  std::vector<Slot> slots_;
  std::mutex take_mutex_;  // before mutex_
  std::mutex mutex_;       // guards what follows
  std::condition_variable given_one_;
  std::uint64_t taken_ = 0;
  std::uint64_t given_ = 0;
  bool giving_ = false;
  bool over_ = false;
  std::exception_ptr failure_;
};

}  // namespace persona4rec
