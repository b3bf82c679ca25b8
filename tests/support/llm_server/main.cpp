// A language-model service that misbehaves as told: tests run it as a process of its own.
//
//   llm_fault_server '{"faults": 0.3, "delay_ms": 50}'     prints "port N" and serves until its parent ends
//
// POST /v1/chat/completions, the Batch API (batch_api.hpp), GET /stats (ledger.hpp).
#include <httplib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include "answers.hpp"
#include "batch_api.hpp"
#include "config.hpp"
#include "ledger.hpp"

namespace llm_server {
namespace {

using httplib::Request;
using httplib::Response;

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

void fail(Response& response, int status, const std::string& message, const std::string& code = "") {
  response.status = status;
  response.set_content(Json{{"error", {{"message", message}, {"type", "test"}, {"code", code}}}}.dump(),
                       "application/json");
}

class Service {
 public:
  explicit Service(const Config& config) : config_(config), ledger_(config), batches_(config) {}

  void add_to(httplib::Server& server) {
    server.Post("/v1/chat/completions",
                [this](const Request& request, Response& response) { chat(request, response); });
    server.Post("/moved/chat/completions",
                [this](const Request& request, Response& response) { chat(request, response); });
    server.Get("/stats", [this](const Request&, Response& response) {
      Json stats = ledger_.stats();
      stats["batch"] = batches_.stats();
      response.set_content(stats.dump(), "application/json");
    });
    batches_.add_to(server);
  }

 private:
  void chat(const Request& request, Response& response) {
    if (request.get_header_value("Content-Type") != "application/json")
      return fail(response, 415, "expected Content-Type: application/json");
    const Asked asked = Asked::read(request.body);
    const bool has_key = request.has_header("Authorization") || request.has_header("api-key");
    if (refuse_form(asked, response)) return;
    const std::string fault = ledger_.begin(asked, has_key);
    sleep_ms(config_.delay_ms);
    if (!play_status(request, asked, fault, response)) answer(asked, fault, response);
    ledger_.end();
  }

  bool refuse_form(const Asked& asked, Response& response) const {
    if (asked.format != "plain" && config_.refuses_form(asked.format) && config_.refuse_status != 400)
      fail(response, config_.refuse_status, "failed to parse grammar", "server_error");
    else if (asked.format != "plain" && config_.refuses_form(asked.format))
      fail(response, 400, "response_format " + asked.format + " is not supported by this server", "invalid_value");
    else if (config_.refuses_form("max_tokens") && asked.body.contains("max_tokens"))
      fail(response, 400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
           "unsupported_parameter");
    else if (config_.refuses_form("temperature") && asked.body.contains("temperature"))
      fail(response, 400, "Unsupported value: 'temperature' does not support 0 with this model.", "unsupported_value");
    else
      return false;
    return true;
  }

  // Faults that are no completion at all.
  bool play_status(const Request& request, const Asked& asked, const std::string& fault, Response& response) {
    if (fault.starts_with("http ")) return play_raw(fault, response), true;
    if (fault.starts_with("429")) return rate_limit(asked, fault, response);
    if (fault == "hang") sleep_ms(config_.hang_ms);
    if (fault == "500" || fault == "hang") return fail(response, 500, "the server had an error"), true;
    if (fault == "503") return fail(response, 503, "overloaded"), true;
    if (fault == "500_retry_after") {
      response.set_header("Retry-After", config_.retry_after);
      return fail(response, 500, "the server had an error"), true;
    }
    if (fault == "400") return fail(response, 400, "this request makes no sense", "invalid_request"), true;
    if (fault == "404") return fail(response, 404, "The model does not exist", "model_not_found"), true;
    if (fault == "too_long") return fail(response, 400, "too many tokens", "context_length_exceeded"), true;
    if (fault == "401_echo") {
      const std::string key = request.get_header_value("Authorization");
      return fail(response, 401, "Incorrect API key provided: " + key + ".", "invalid_api_key"), true;
    }
    if (fault == "500_echo") return fail(response, 500, "debug: " + request.get_header_value("Authorization")), true;
    if (fault == "html") {
      response.status = 502;
      response.set_content("<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>",
                           "text/html");
      return true;
    }
    if (fault == "redirect") {
      response.status = 307;
      response.set_header("Location", config_.redirect_to);
      return true;
    }
    return false;
  }

  // "http 403 BODY"
  static void play_raw(const std::string& fault, Response& response) {
    response.status = std::stoi(fault.substr(5, 3));
    response.set_content(fault.substr(9), "application/json");
  }

  bool rate_limit(const Asked& asked, const std::string& fault, Response& response) {
    const bool quota = fault == "429_quota";
    fail(response, 429, quota ? "You exceeded your current quota" : "Rate limit reached",
         quota ? "insufficient_quota" : "rate_limit_exceeded");
    if (fault == "429_retry_after") response.set_header("Retry-After", config_.retry_after);
    if (fault == "429_reset_header") {
      response.set_header("x-ratelimit-remaining-requests", "0");
      response.set_header("x-ratelimit-reset-requests", config_.reset_after);
      response.set_header("x-ratelimit-remaining-tokens", "5000");
      response.set_header("x-ratelimit-reset-tokens", "6m0s");
    }
    if (fault == "429_retry_after" || fault == "429_reset_header")
      ledger_.demand_wait(asked.prompt, std::chrono::milliseconds(config_.wait_ms));
    return true;
  }

  void answer(const Asked& asked, const std::string& fault, Response& response) {
    if (fault == "slow") sleep_ms(config_.slow_ms);
    const Reply reply = reply_for(asked, fault);
    const Json body = completion(asked, reply, config_);
    const Json usage = body.value("usage", Json());
    if (fault == "reset_mid_body" || fault == "broken_body") {
      ledger_.billed(usage);
      send_broken(body.dump(), fault == "reset_mid_body", response);
      return;
    }
    const bool good = fault.empty() || fault == "slow" || fault == "fenced";
    good ? ledger_.answered(asked.prompt, usage) : ledger_.billed(usage);
    response.set_content(body.dump(), "application/json");
  }

  // Half a body: the connection ends early, or the length says that this was all.
  static void send_broken(const std::string& body, bool reset, Response& response) {
    const std::string half = body.substr(0, body.size() / 2);
    if (!reset) {
      response.set_content(half, "application/json");
      return;
    }
    response.set_content_provider(body.size(), "application/json",
                                  [half](std::size_t offset, std::size_t, httplib::DataSink& sink) {
                                    if (offset == 0) sink.write(half.data(), half.size());
                                    return offset == 0;
                                  });
  }

  const Config& config_;
  Ledger ledger_;
  BatchApi batches_;
};

// httplib queues five connections; tests open hundreds at once.
template <class Server>
class PatientServer : public Server {
 public:
  using Server::Server;
  int listen_anywhere() {
    const int port = this->bind_to_any_port("127.0.0.1");
    ::listen(this->svr_sock_, 4096);
    return port;
  }
};

template <class Server>
int serve(PatientServer<Server>& server, const Config& config) {
  Service service(config);
  service.add_to(server);
  server.new_task_queue = [] { return new httplib::ThreadPool(768); };
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_keep_alive_timeout(300);
  server.set_tcp_nodelay(true);
  const int port = server.listen_anywhere();
  if (port <= 0) return 1;
  std::cout << "port " << port << std::endl;
  return server.listen_after_bind() ? 0 : 1;
}

}  // namespace
}  // namespace llm_server

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto config = llm_server::Config::parse(llm_server::Json::parse(argc > 1 ? argv[1] : "{}"));
  if (config.certificate.empty()) {
    llm_server::PatientServer<httplib::Server> server;
    return llm_server::serve(server, config);
  }
  llm_server::PatientServer<httplib::SSLServer> server(config.certificate.c_str(), config.private_key.c_str());
  return llm_server::serve(server, config);
}
