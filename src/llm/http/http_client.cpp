#include "llm/http/http_client.hpp"

#include <cmath>

#include "llm/http/ask_loop.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kMostConcurrency = 512;

LlmOptions checked_service_options(const LlmOptions& options) {
  check_service_options(options);
  return options;
}

bool is_positive(double value) {
  return std::isfinite(value) && value > 0;
}

}  // namespace

void check_service_options(const LlmOptions& options) {
  if (options.model.empty()) throw usage_error("--llm http needs --llm-model");
  if (options.store.empty()) throw usage_error("--llm http needs a place for its reply store");
  if (options.concurrency < 1 || options.concurrency > kMostConcurrency)
    throw usage_error("--concurrency must be between 1 and " + std::to_string(kMostConcurrency));
  if (options.max_attempts < 1) throw usage_error("--max-attempts must be at least 1");
  if (!is_positive(options.timeout_s)) throw usage_error("--timeout must be above 0 seconds");
  if (!is_positive(options.max_outage_s)) throw usage_error("--max-outage must be above 0 seconds");
  if (options.requests_per_minute < 0 || options.tokens_per_minute < 0)
    throw usage_error("--rpm and --tpm must not be negative");
  if (options.max_cost_usd && !(*options.max_cost_usd >= 0)) throw usage_error("--max-cost must not be negative");
  static_cast<void>(join_url(service_url(options), "/"));
}

Budget make_budget(const LlmOptions& options, bool batch) {
  const auto price = find_price(options.prices, options.model, batch);
  if (options.max_cost_usd && !price)
    throw usage_error("--max-cost needs the price of " + options.model + ", and " +
                      (options.prices.empty() ? std::string("no price list was found (--llm-prices)")
                                              : options.prices.string() + " does not have it") +
                      ". Add it there, or limit --max-tokens-total instead");
  return {price, options.max_cost_usd, options.max_tokens_total};
}

HttpClient::HttpClient(const LlmOptions& options)
    : options_(checked_service_options(options)),
      store_(options_.store, !options_.keep_answers),
      book_(store_, {.model = options_.model, .max_attempts = options_.max_attempts, .refresh = options_.refresh}),
      service_(options_),
      account_(make_budget(options_, false)) {}

void HttpClient::ask(const RequestStream& requests) {
  if (store_.run() == 0) store_.begin_run(options_.model);
  AskLoop(options_, store_, book_, service_, account_).run(requests, expected_);
}

}  // namespace persona4rec
