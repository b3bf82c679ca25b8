// What the server has seen, for the tests to look at (GET /stats), and which fault comes next.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "answers.hpp"
#include "config.hpp"

namespace llm_server {

using Clock = std::chrono::steady_clock;

class Ledger {
 public:
  explicit Ledger(const Config& config) : config_(config) {}

  // A request has come; returns its fault, "" = none.
  std::string begin(const Asked& asked, bool has_key) {
    const std::string& prompt = asked.prompt;
    const std::lock_guard lock(mutex_);
    ++requests_;
    with_key_ += has_key ? 1 : 0;
    most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
    Seen& seen = prompts_[fnv1a(prompt)];
    if (Clock::now() < seen.not_before) ++too_early_;
    std::string fault = next_fault(prompt, seen.tries++);
    if (config_.is_poison(prompt, asked.format)) fault = config_.poison_fault;
    if (config_.capacity > 0 && in_flight_ > config_.capacity) fault = "429";
    ++formats_[asked.format];
    ++faults_[fault.empty() ? "ok" : fault];
    return fault;
  }

  void end() {
    const std::lock_guard lock(mutex_);
    --in_flight_;
  }

  // A good answer is about to be sent.
  void answered(const std::string& prompt, const Json& usage) {
    const std::lock_guard lock(mutex_);
    Seen& seen = prompts_[fnv1a(prompt)];
    if (++seen.answers > 1) ++answered_again_;
    count_usage(usage);
  }
  void billed(const Json& usage) {
    const std::lock_guard lock(mutex_);
    count_usage(usage);
  }

  // The prompt must not come again before `wait` is over.
  void demand_wait(const std::string& prompt, std::chrono::milliseconds wait) {
    const std::lock_guard lock(mutex_);
    prompts_[fnv1a(prompt)].not_before = Clock::now() + wait;
  }

  Json stats() {
    const std::lock_guard lock(mutex_);
    Json faults = Json::object();
    for (const auto& [name, count] : faults_) faults[name] = count;
    Json formats = Json::object();
    for (const auto& [name, count] : formats_) formats[name] = count;
    return {{"requests", requests_},
            {"prompts", prompts_.size()},
            {"answered_again", answered_again_},
            {"too_early", too_early_},
            {"most_in_flight", most_in_flight_},
            {"with_key", with_key_},
            {"prompt_tokens", prompt_tokens_},
            {"completion_tokens", completion_tokens_},
            {"formats", formats},
            {"faults", faults}};
  }

 private:
  struct Seen {
    std::uint64_t tries = 0;
    std::uint64_t answers = 0;
    Clock::time_point not_before{};
  };

  std::string next_fault(const std::string& prompt, std::uint64_t tries) {
    if (!config_.always.empty()) return config_.always;
    if (scripted_ < config_.script.size()) {
      const std::string& fault = config_.script[scripted_++];
      return fault == "ok" ? "" : fault;
    }
    const std::uint64_t drawn = mix(fnv1a(prompt) ^ mix(config_.seed * 1000003 + tries));
    if (static_cast<double>(drawn >> 11U) * 0x1.0p-53 >= config_.faults) return "";
    return config_.kinds[mix(drawn) % config_.kinds.size()];
  }

  void count_usage(const Json& usage) {
    if (usage.is_null()) return;
    prompt_tokens_ += usage["prompt_tokens"].get<std::uint64_t>();
    completion_tokens_ += usage["completion_tokens"].get<std::uint64_t>();
  }

  const Config& config_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Seen> prompts_;
  std::map<std::string, std::uint64_t> faults_;
  std::map<std::string, std::uint64_t> formats_;  // that were asked in
  std::size_t scripted_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t answered_again_ = 0;
  std::uint64_t too_early_ = 0;
  std::uint64_t with_key_ = 0;
  std::uint64_t prompt_tokens_ = 0;
  std::uint64_t completion_tokens_ = 0;
  int in_flight_ = 0;
  int most_in_flight_ = 0;
};

}  // namespace llm_server
