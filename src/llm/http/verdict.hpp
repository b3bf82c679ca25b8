// What a service's reply means for the request and for the run: the one place that judges replies, of single requests,
// of lines in batch files, and of the calls that move batches. Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llm/http/server_error.hpp"
#include "llm/transport/transport.hpp"
#include "persona4rec/chat_client.hpp"

namespace persona4rec {

enum class VerdictKind : std::uint8_t {
  kAnswer,       // a completion: to be judged; of other calls: done
  kNoAnswer,     // a 200 without one: no choices, no JSON
  kTryAgain,     // 408, 409, 425, 5xx, no connection, a timeout
  kRateLimited,  // 429
  kRefused,      // another 4xx, or a 5xx about grammars and schemas: perhaps the form is to blame
  kForbidden,    // 403 that names no filter: the key, or this request
  kSetAside,     // this request will never be answered: filtered, or too long for the model
  kMoved,        // a redirect
  kFatal,        // no request will be answered: a wrong key, no money, no such model
};

enum class Billing : std::uint8_t {
  kFree,      // nothing was done for this request
  kReported,  // `use` says what it cost
  kUnknown,   // it may have cost all that was reserved
};

// What one reply of a service means, and the completion that it carries.
struct Verdict {
  VerdictKind kind = VerdictKind::kFatal;
  Billing billing = Billing::kFree;

  std::string text;             // of kAnswer: the message ...
  std::string finish_reason;    // ... "stop" where the service says nothing
  std::string refusal;          // ... and the model's own "no"
  std::optional<TokenUse> use;  // of everything that was billed

  ServerError error;             // of everything else
  std::string message;           // "HTTP 503: overloaded", for people
  std::optional<double> wait_s;  // that the service demands
  bool timed_out = false;
  bool not_sent = false;      // there was no connection
  bool own_matter = false;    // of kRefused: about what this request asks, and not its form
  bool perhaps_done = false;  // no success, but what was asked may have been done all the same
};

// Of any call. `now_unix_s`: the wall clock, for dates in headers.
[[nodiscard]] Verdict judge_call(const HttpResponse& response, double now_unix_s);
// Of a chat request.
[[nodiscard]] Verdict judge_chat(const HttpResponse& response, double now_unix_s);
// Of a chat request in a batch: the status and the body of its line.
[[nodiscard]] Verdict judge_chat(int status, const Json& body);

}  // namespace persona4rec
