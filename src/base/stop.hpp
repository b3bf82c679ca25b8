// SIGINT and SIGTERM end a stage cleanly: long loops ask between units of work.
#pragma once

namespace persona4rec {

// Catches SIGINT and SIGTERM from now on; SIGPIPE is ignored: who writes sees EPIPE, and throws
// Error::from_signal(SIGPIPE) where it is the output that nobody reads any more.
void install_stop_signals();

// The signal that asked to stop; 0 = none. Async-signal-safe.
[[nodiscard]] int stop_signal() noexcept;

// Throws Error::from_signal when a signal came.
void throw_if_stopped();

// For a service: from now on SIGHUP asks it to take its data anew, and ends it no longer. A blocking read goes on.
void install_reload_signal();

// Was a SIGHUP caught since the last call?
[[nodiscard]] bool take_reload_request() noexcept;

// For tests and for embedding: as if the signal had come; 0 takes it back.
void request_stop(int signal_number) noexcept;

}  // namespace persona4rec
