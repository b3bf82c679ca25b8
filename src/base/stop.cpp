#include "base/stop.hpp"

#include <atomic>
#include <csignal>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::atomic<int> stop_signal_number{0};
std::atomic<bool> reload_requested{false};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler stores to it");

void on_signal(int signal_number) {
  stop_signal_number.store(signal_number);
}

}  // namespace

void install_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;  // no SA_RESTART: a blocking read of stdin must return
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void install_reload_signal() {
  struct sigaction action = {};
  action.sa_handler = [](int /*signal_number*/) { reload_requested.store(true); };
  action.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &action, nullptr);
}

bool take_reload_request() noexcept {
  return reload_requested.exchange(false);
}

int stop_signal() noexcept {
  return stop_signal_number.load();
}

void throw_if_stopped() {
  if (const int number = stop_signal(); number != 0) throw Error::from_signal(number);
}

void request_stop(int signal_number) noexcept {
  stop_signal_number.store(signal_number);
}

}  // namespace persona4rec
