// HTTP for many requests at once: libcurl's multi interface on one epoll loop, driven by the thread that calls wait().
//
// Keep-alive connections, TLS verified, curl's proxy and CA environment. No redirect is followed: the answer says where
// it points, and the caller decides (the key must never go to another host). Everything received passes
// Secret::redact(). Thread-safety: one object, one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llm/http/retry.hpp"
#include "llm/http/secret.hpp"

namespace persona4rec {

struct HttpRequest {
  std::string url;
  std::optional<std::string> json;  // POST this body; nothing = GET, unless there is a file to upload
  std::filesystem::path upload;     // POST multipart/form-data: this file as "file" ...
  std::string upload_purpose;       // ... and this as "purpose"
  std::filesystem::path save_to;    // a 200's body goes into this file instead of memory
  std::chrono::milliseconds timeout{0};
};

enum class TransportFailure : std::uint8_t {
  kNone,
  kNotSent,   // no connection: nothing can have been billed
  kTimeout,   // no whole reply in time
  kBroken,    // the connection ended before the reply did
  kFatal,     // will not get better: a bad certificate, a malformed URL
  kNotSaved,  // the file to save to took not all of it: a full disk
};

struct HttpResponse {
  TransportFailure failure = TransportFailure::kNone;
  std::string error;  // what failed, for people
  int status = 0;
  HttpHeaders headers;  // those that matter here: Retry-After, limits, Date, Location
  std::string body;
  std::string redirect_url;  // absolute, of a 3xx
};

class Transport {
 public:
  // `most_connections`: kept alive.
  Transport(Secret key, std::size_t most_connections);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();  // abandons what is in flight, without waiting

  using Done = std::function<void(std::uint64_t id, HttpResponse&& response)>;

  // Queues a request; it goes out in the next wait().
  void start(std::uint64_t id, HttpRequest request);
  // Sends and receives until something is finished or the time is over (a signal ends it too), and hands over what is
  // finished. `done` may start further requests; a throwing one loses what was finished with it.
  void wait(std::chrono::milliseconds timeout, const Done& done);
  // Abandons one request; true when it was in flight.
  bool cancel(std::uint64_t id);

  [[nodiscard]] std::size_t in_flight() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// https://host/v1 + /chat/completions, before the query where the base has one (Azure's ?api-version=..). Throws Error
// kUsage: not http(s), or with a password in it.
[[nodiscard]] std::string join_url(const std::string& base, const std::string& path);
// Scheme, host and port, for comparing and for people.
[[nodiscard]] std::string origin_of(const std::string& url);

}  // namespace persona4rec
