#include "llm/http/service_check.hpp"

#include <chrono>
#include <cmath>

#include "io/json_file.hpp"
#include "llm/http/chat_service.hpp"
#include "llm/transport/transport.hpp"

namespace persona4rec {

ServiceCheck check_service(const LlmOptions& options) {
  const std::string base = service_url(options);
  const auto key = Secret::from_environment();
  Transport transport(key, 1);
  transport.start(0, {.url = join_url(base, "/models"),
                      .timeout = std::chrono::milliseconds(std::llround(options.timeout_s * 1e3))});
  HttpResponse response;
  bool done = false;
  while (!done && transport.in_flight() > 0) {
    transport.wait(std::chrono::milliseconds(200), [&](std::uint64_t, HttpResponse&& got) {
      response = std::move(got);
      done = true;
    });
  }
  const std::string who = origin_of(base);
  if (response.failure != TransportFailure::kNone) return {.text = who + " cannot be reached: " + response.error};
  if (response.status != 200) {
    const std::string hint = response.status == 401 || response.status == 403
                                 ? (key.empty() ? ": OPENAI_API_KEY is not set" : ": the key is not taken")
                                 : "";
    return {.text = who + " answers with status " + std::to_string(response.status) + hint};
  }
  const Json models = parse_json_or_discarded(response.body);
  const Json list = models.is_object() ? models.value("data", Json::array()) : Json::array();
  return {.answers = true, .text = who + " answers, " + std::to_string(list.size()) + " models"};
}

}  // namespace persona4rec
