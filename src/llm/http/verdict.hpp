// What a service's response to a chat request means for the request and for the run.
// Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llm/http/chat_format.hpp"
#include "llm/http/transport.hpp"

namespace persona4rec {

enum class VerdictKind : std::uint8_t {
  kAnswer,       // a completion: to be judged
  kTryAgain,     // 408, 409, 425, 5xx, no connection, a timeout, a reply that is none
  kRateLimited,  // 429
  kRefused,      // 400 or 422: perhaps the form is to blame
  kSetAside,     // this request will never be answered: filtered, or too long for the model
  kMoved,        // a redirect
  kFatal,        // no request will be answered: a wrong key, no money, no such model
};

enum class Billing : std::uint8_t {
  kFree,      // nothing was done for this request
  kReported,  // completion.use says what it cost
  kUnknown,   // it may have cost all that was reserved
};

struct Verdict {
  VerdictKind kind = VerdictKind::kFatal;
  Billing billing = Billing::kFree;
  Completion completion;         // of kAnswer; its use also of a kTryAgain that was billed
  ServerError error;             // of everything else
  std::string message;           // "HTTP 503: overloaded", for people
  std::optional<double> wait_s;  // that the service demands
  bool timed_out = false;
};

// `now_unix_s`: the wall clock, for dates in headers.
[[nodiscard]] Verdict read_response(const HttpResponse& response, double now_unix_s);

}  // namespace persona4rec
