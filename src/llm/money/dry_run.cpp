#include "llm/money/dry_run.hpp"

#include <cmath>

#include "base/format.hpp"
#include "base/stop.hpp"
#include "base/token_estimate.hpp"
#include "llm/http/chat_format.hpp"
#include "llm/http/http_client.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr double kShareOfMaxTokens = 0.5;  // of an answer, when none was seen yet
constexpr std::uint64_t kTypicalTemplateTokens = 16;

std::uint64_t scaled(std::uint64_t value, double factor) {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(value) * factor));
}

std::string range(const std::string& about, const std::string& once, const std::string& most) {
  return "about " + about + "; with one answer each " + once + " or less; at most " + most + "\n";
}

}  // namespace

EstimateClient::EstimateClient(const LlmOptions& options) : options_(options) {
  if (!options_.print) throw internal_error("an estimate needs a place to be printed");
  if (options_.provider == LlmProvider::kOffline) return;
  check_service_options(options_);
  if (options_.keep_answers && std::filesystem::exists(options_.store))
    store_ = std::make_unique<ReplyStore>(options_.store, false);
  if (!store_) return;
  const AnswerBook::Options look{
      .model = options_.model, .max_attempts = options_.max_attempts, .refresh = options_.refresh, .only_look = true};
  book_ = std::make_unique<AnswerBook>(*store_, look);
}

void EstimateClient::ask(const RequestStream& requests) {
  if (options_.provider == LlmProvider::kOffline) {
    options_.print("estimate: the offline provider asks no service and costs nothing\n");
    return;
  }
  std::map<std::string, Sum> sums;
  while (const auto request = requests()) {
    throw_if_stopped();
    add(sums[request->stage], *request);
  }
  if (sums.empty()) options_.print("estimate: nothing to ask\n");
  for (const auto& [stage, sum] : sums) print(stage, sum);
}

void EstimateClient::add(Sum& sum, const ChatRequest& request) {
  Standing standing;
  if (book_) standing = book_->look_up(request, book_->key(request));
  if (standing.is_settled()) {
    ++sum.answered;
    return;
  }
  ++sum.requests;
  sum.once = sum.once + most_tokens(request, standing.next);
  sum.most = sum.most + most_tokens_of_all(request, options_.max_attempts);
  sum.words += estimate_tokens(request.system) + estimate_tokens(request.user) +
               estimate_tokens(request.schema->dump()) + kTypicalTemplateTokens;
}

TokenUse EstimateClient::expected(const std::string& stage, const Sum& sum, bool& calibrated) {
  const UsageHistory history = store_ ? store_->usage(stage, options_.model) : UsageHistory{};
  calibrated = history.replies > 0 && history.prompt_bytes > 0;
  if (!calibrated) return {.prompt = sum.words, .completion = scaled(sum.once.completion, kShareOfMaxTokens)};
  const double per_byte = static_cast<double>(history.use.prompt) / static_cast<double>(history.prompt_bytes);
  const double per_answer = static_cast<double>(history.use.completion) / static_cast<double>(history.replies);
  return {.prompt = scaled(sum.once.prompt, per_byte), .completion = scaled(sum.requests, per_answer)};
}

void EstimateClient::print(const std::string& stage, const Sum& sum) {
  bool calibrated = false;
  const TokenUse about = expected(stage, sum, calibrated);
  const auto cost = [&](bool batch) {
    const auto price = find_price(options_.prices, options_.model, batch);
    if (!price) return "-- (no price of " + options_.model + " is known)\n";
    return range(dollars(price->cost_usd(about)), dollars(price->cost_usd(sum.once)),
                 dollars(price->cost_usd(sum.most)));
  };
  options_.print(
      "estimate: " + stage + " with " + options_.model + "; nothing was sent\n" + "  requests       " +
      with_commas(sum.requests) + " to ask, " + with_commas(sum.answered) + " already answered\n" +
      "  prompt tokens  " +
      range(with_commas(about.prompt), with_commas(sum.once.prompt), with_commas(sum.most.prompt)) +
      "  answer tokens  " +
      range(with_commas(about.completion), with_commas(sum.once.completion), with_commas(sum.most.completion)) +
      "  cost           " + cost(false) + "  cost by batch  " + cost(true) +
      "  at most: " + with_commas(options_.max_attempts) +
      " answers for every request, each again with its repair text and twice --max-tokens\n" +
      (calibrated ? "  calibrated with the answers in the reply store\n"
                  : "  not calibrated yet: prompts by their words, answers at half of their limit\n"));
}

ChatOutcome EstimateClient::outcome(const ChatRequest& request) {
  throw internal_error(request.label + ": an estimate has no outcomes");
}

void DumpClient::ask(const RequestStream& requests) {
  for (std::uint64_t shown = 1; shown <= options_.dump_prompts; ++shown) {
    const auto request = requests();
    if (!request) return;
    std::string text = "===== " + std::to_string(shown) + ": " + request->label + " (" + request->stage + ")\n";
    text += "model " + (options_.model.empty() ? "(none)" : options_.model);
    text += ", temperature " + Json(request->sampling.temperature).dump();
    text += ", max_tokens " + std::to_string(request->sampling.max_tokens);
    text += ", request " + request_key(options_.model, *request);
    text += "\n----- system\n" + request->system + "\n----- user\n" + request->user;
    text += "\n----- answer schema\n" + request->schema->dump(2) + "\n\n";
    options_.print(text);
  }
}

ChatOutcome DumpClient::outcome(const ChatRequest& request) {
  throw internal_error(request.label + ": a dump has no outcomes");
}

}  // namespace persona4rec
