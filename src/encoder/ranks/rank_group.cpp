#include "encoder/ranks/rank_group.hpp"

#include <string>

#include "persona4rec/error.hpp"

#ifdef P4R_HAS_GLOO

#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <exception>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "base/stop.hpp"
#include "encoder/ranks/rank_backends.hpp"
#include "encoder/ranks/rank_pulse.hpp"

namespace persona4rec {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes kJoinTimeout{5};  // machines of a job do not start at once
constexpr std::chrono::seconds kJoinTry{2};
constexpr std::chrono::milliseconds kJoinLook{20};
constexpr std::chrono::milliseconds kLook{500};  // between two looks at the others while waiting
constexpr std::chrono::seconds kGoodbye{10};

std::string place_of(const Launch& launch) {
  return "rank " + std::to_string(launch.rank) + " of " + std::to_string(launch.size);
}

// Without the source file before it and the guesses behind it.
std::string reason(const std::string& text) {
  const auto begin = text.starts_with('[') ? text.find("] ") : std::string::npos;
  const auto from = begin == std::string::npos ? 0 : begin + 2;
  return text.substr(from, std::min(text.find('\n', from), text.find(". This is typically", from)) - from);
}

// In short tries: a stop signal must not wait for those who do not come.
c10::intrusive_ptr<c10d::TCPStore> connect(const Launch& launch, c10d::TCPStoreOptions options) {
  for (const auto until = Clock::now() + kJoinTimeout;;) {
    throw_if_stopped();
    options.timeout = kJoinTry;
    try {
      return c10::make_intrusive<c10d::TCPStore>(launch.address, options);
    } catch (const std::exception&) {
      if (options.isServer || Clock::now() > until) throw;
    }
  }
}

void wait_for_all(c10d::Store& store, std::size_t size) {
  const auto until = Clock::now() + kJoinTimeout;
  for (auto here = store.add("here", 1); here < static_cast<std::int64_t>(size); here = store.add("here", 0)) {
    throw_if_stopped();
    if (Clock::now() > until)
      throw internal_error("only " + std::to_string(here) + " of " + std::to_string(size) + " ranks have come within " +
                           std::to_string(kJoinTimeout.count()) + " minutes");
    std::this_thread::sleep_for(kJoinLook);
  }
}

c10::intrusive_ptr<c10d::Store> open_store(const Launch& launch) {
  c10d::TCPStoreOptions options;
  options.port = launch.port;
  options.isServer = launch.first() && !launch.meets_at_agent;
  options.waitWorkers = false;  // wait_for_all() does
  const auto store = connect(launch, options);
  store->setTimeout(kJoinTimeout);
  auto own = c10::make_intrusive<c10d::PrefixStore>("persona4rec/" + std::to_string(launch.attempt), store);
  wait_for_all(*own, launch.size);
  return own;
}

class C10dGroup final : public RankGroup {
 public:
  C10dGroup(const Launch& launch, const at::Device& device, std::chrono::milliseconds silence)
      : launch_(launch),
        store_(open_store(launch)),
        backend_(open_rank_backend(store_, launch, device, kJoinTimeout)),
        on_device_(has_device_backend(device)),
        pulse_(launch.rank, launch.size, store_, silence) {}

  // A rank that leaves early would cut the connections that others still use; one that failed leaves at once.
  ~C10dGroup() override {
    if (!lost_ && std::uncaught_exceptions() == 0) pulse_.say_goodbye(kGoodbye);
    // The backend's threads would be waited for, and they wait for a rank that is silent.
    if (lost_) backend_.release();  // NOLINT(bugprone-unused-return-value): meant to stay until the process ends
  }

  void sum(at::Tensor& tensor) override {
    std::vector<at::Tensor> sent = {reachable(tensor)};
    run([&] { return backend_->allreduce(sent); });
    if (!sent[0].is_same(tensor)) tensor.copy_(sent[0]);
  }

  at::Tensor gather(const at::Tensor& rows) override {
    std::vector<at::Tensor> sent = {reachable(rows)};
    std::vector<std::vector<at::Tensor>> received(1);
    for (std::size_t rank = 0; rank < launch_.size; ++rank) received[0].push_back(at::empty_like(sent[0]));
    run([&] { return backend_->allgather(received, sent); });
    return at::cat(received[0]).to(rows.device());
  }

 private:
  // Gloo speaks of what lies in the machine's memory, NCCL of what lies in the GPU's.
  [[nodiscard]] at::Tensor reachable(const at::Tensor& tensor) const {
    return on_device_ ? tensor.to(rank_device(launch_)) : tensor.cpu();
  }

  template <class Start>
  void run(const Start& start) {
    try {
      wait(start());
    } catch (const Error&) {
      lost_ = true;
      throw;
    } catch (const std::exception& error) {  // Gloo's own are no c10::Error
      lost_ = true;
      throw internal_error(place_of(launch_) + ": " + pulse_.who_is_lost().value_or("another rank") +
                           " has ended, or cannot be reached: " + reason(error.what()));
    }
  }

  void wait(const c10::intrusive_ptr<c10d::Work>& work) {
    if (on_device_) {  // on its stream; NCCL's own watchdog ends a process whose peers are gone
      work->wait();
      return;
    }
    const auto done = std::make_shared<std::promise<void>>();
    auto finished = done->get_future();
    work->getFuture()->addCallback([done](c10::ivalue::Future&) { done->set_value(); });
    Clock::time_point stopped{};
    while (finished.wait_for(kLook) != std::future_status::ready) {
      if (const auto rank = pulse_.who_is_lost()) {
        throw internal_error(place_of(launch_) + ": nothing was heard of " + *rank + " for " +
                             std::to_string(pulse_.silence_s()) + " s");
      }
      if (stop_signal() == 0) continue;
      if (stopped == Clock::time_point{}) stopped = Clock::now();
      if (Clock::now() - stopped > kRankStopGrace) throw_if_stopped();
    }
    work->getFuture()->waitAndThrow();
  }

  Launch launch_;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::Backend> backend_;
  bool on_device_;
  bool lost_ = false;
  RankPulse pulse_;
};

}  // namespace

std::unique_ptr<RankGroup> open_rank_group(const Launch& launch, const at::Device& device,
                                           std::chrono::milliseconds silence) {
  try {
    return std::make_unique<C10dGroup>(launch, device, silence);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw internal_error(place_of(launch) + ": the " + std::to_string(launch.size) + " ranks did not meet at " +
                         launch.address + ":" + std::to_string(launch.port) + ": " + reason(error.what()));
  }
}

}  // namespace persona4rec

#else

namespace persona4rec {

std::unique_ptr<RankGroup> open_rank_group(const Launch& launch, const at::Device&, std::chrono::milliseconds) {
  throw internal_error("this is one process of " + std::to_string(launch.size) +
                       ", and the program was built without LibTorch's c10d (docs/training.md, Several processes)");
}

}  // namespace persona4rec

#endif
