#ifdef P4R_HAS_GLOO

#include "encoder/ranks/rank_pulse.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace persona4rec {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBeatsOfSilence = 12;  // beats that must fail to come
constexpr std::chrono::milliseconds kGoodbyePoll{10};
constexpr std::chrono::seconds kAnswer{1};  // a store that needs longer for it does not answer

}  // namespace

struct RankPulse::Shared {
  struct Heard {
    std::int64_t beats = -1;
    Clock::time_point at;
  };
  enum class Goodbye : std::uint8_t { kNo, kAsked, kSaid };

  std::size_t rank;
  std::chrono::milliseconds tick;
  std::chrono::milliseconds leave{};      // the longest that a goodbye takes
  c10::intrusive_ptr<c10d::Store> store;  // of the thread alone

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Heard> heard;  // [ranks]
  Clock::time_point answered = Clock::now();
  bool store_gone = false;
  bool end = false;
  Goodbye goodbye = Goodbye::kNo;

  std::int64_t count(const std::string& word, std::int64_t added) const { return store->add(word, added); }

  // All that is said to the store, and heard, in one turn of the thread.
  void turn() {
    std::vector<std::int64_t> beats;
    beats.reserve(heard.size());
    for (std::size_t i = 0; i < heard.size(); ++i) beats.push_back(count("beats/" + std::to_string(i), i == rank));
    const std::scoped_lock lock(mutex);
    answered = Clock::now();
    for (std::size_t i = 0; i < heard.size(); ++i) {
      if (beats[i] != heard[i].beats) heard[i] = {.beats = beats[i], .at = answered};
    }
  }

  // Twice: the store ends with rank 0, which therefore goes when all others have seen that all are done, or gave up.
  void take_leave() {
    const auto until = Clock::now() + leave;
    const auto wait_for_all = [&](const std::string& word) {
      while (count(word, 0) < static_cast<std::int64_t>(heard.size()) && Clock::now() < until)
        std::this_thread::sleep_for(kGoodbyePoll);
    };
    count("done", 1);
    wait_for_all("done");
    count("gone", 1);
    if (rank == 0) wait_for_all("gone");
    const std::scoped_lock lock(mutex);
    goodbye = Goodbye::kSaid;
    changed.notify_all();
  }

  void beat() {
    try {
      for (;;) {
        turn();
        std::unique_lock lock(mutex);
        changed.wait_for(lock, tick, [this] { return end || goodbye == Goodbye::kAsked; });
        if (end) return;
        if (goodbye != Goodbye::kAsked) continue;
        lock.unlock();
        return take_leave();
      }
    } catch (const std::exception&) {  // whatever it is, the others cannot be heard any more
      const std::scoped_lock lock(mutex);
      store_gone = true;
      changed.notify_all();
    }
  }
};

RankPulse::RankPulse(std::size_t rank, std::size_t size, const c10::intrusive_ptr<c10d::Store>& store,
                     std::chrono::milliseconds silence)
    : silence_(silence), shared_(std::make_shared<Shared>()) {
  shared_->rank = rank;
  shared_->tick = silence / kBeatsOfSilence;
  shared_->store = store;
  shared_->heard.assign(size, {.at = Clock::now()});
  thread_ = std::thread([shared = shared_] { shared->beat(); });
}

RankPulse::~RankPulse() {
  bool answers = false;
  {
    const std::scoped_lock lock(shared_->mutex);
    shared_->end = true;
    answers = shared_->store_gone || shared_->goodbye == Shared::Goodbye::kSaid ||
              (shared_->goodbye == Shared::Goodbye::kNo && Clock::now() - shared_->answered < shared_->tick + kAnswer);
  }
  shared_->changed.notify_all();
  if (answers) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

std::optional<std::string> RankPulse::who_is_lost() const {
  const std::scoped_lock lock(shared_->mutex);
  const auto now = Clock::now();
  if (shared_->store_gone || now - shared_->answered > silence_) return "rank 0, or the launcher that all meet at";
  for (std::size_t rank = 0; rank < shared_->heard.size(); ++rank) {
    if (rank != shared_->rank && now - shared_->heard[rank].at > silence_) return "rank " + std::to_string(rank);
  }
  return std::nullopt;
}

void RankPulse::say_goodbye(std::chrono::milliseconds longest) {
  std::unique_lock lock(shared_->mutex);
  if (shared_->store_gone) return;
  shared_->leave = longest;
  shared_->goodbye = Shared::Goodbye::kAsked;
  shared_->changed.notify_all();
  shared_->changed.wait_for(lock, longest + kAnswer,
                            [this] { return shared_->goodbye == Shared::Goodbye::kSaid || shared_->store_gone; });
}

}  // namespace persona4rec

#endif
