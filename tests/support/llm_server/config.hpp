// What the fault server plays, given as JSON on its command line. Times in milliseconds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace llm_server {

using Json = nlohmann::ordered_json;

inline const std::vector<std::string> kAllFaults = {
    "429",         "429_retry_after", "429_reset_header", "500",    "503",    "slow",          "hang", "reset_mid_body",
    "broken_body", "truncated_json",  "wrong_schema",     "fenced", "length", "empty_choices", "html"};

struct Config {
  int delay_ms = 0;
  int slow_ms = 200;
  int hang_ms = 3000;
  double faults = 0;                            // share of requests that meet one
  std::vector<std::string> kinds = kAllFaults;  // drawn evenly, by seed, prompt and number of the try
  std::uint64_t seed = 1;
  std::vector<std::string> script;  // faults of the first requests, in order of arrival; "ok" = none
  std::string always;               // the fault of every request
  // The fault of prompts that contain one of these texts; asked in one of these formats, where there are any.
  std::vector<std::string> poison;
  std::string poison_fault;
  std::vector<std::string> poison_formats;
  std::string retry_after = "1";   // value of the header of 429_retry_after
  std::string reset_after = "1s";  // value of x-ratelimit-reset-requests of 429_reset_header
  int wait_ms = 1000;              // what both values mean
  std::vector<std::string>
      refuses;                    // formats answered by 400: "json_schema", "json_object", "max_tokens", "temperature"
  int refuse_status = 400;        // 500: "failed to parse grammar"
  int capacity = 0;               // requests at once, 429 beyond; 0 = any
  double tokens_per_byte = 0.25;  // usage reported for prompts
  bool longest_answers = false;   // usage says that answers took max_tokens
  bool report_usage = true;
  std::string redirect_to;  // Location of "redirect"
  std::string certificate;  // with private_key: TLS
  std::string private_key;
  Json batch = Json::object();  // see batch_api.hpp

  static Config parse(const Json& json) {
    Config config;
    const auto read = [&](const char* name, auto& member) {
      if (json.contains(name)) json.at(name).get_to(member);
    };
    read("delay_ms", config.delay_ms);
    read("slow_ms", config.slow_ms);
    read("hang_ms", config.hang_ms);
    read("faults", config.faults);
    read("kinds", config.kinds);
    read("seed", config.seed);
    read("script", config.script);
    read("always", config.always);
    read("poison", config.poison);
    read("poison_fault", config.poison_fault);
    read("poison_formats", config.poison_formats);
    read("refuse_status", config.refuse_status);
    read("retry_after", config.retry_after);
    read("reset_after", config.reset_after);
    read("wait_ms", config.wait_ms);
    read("refuses", config.refuses);
    read("capacity", config.capacity);
    read("tokens_per_byte", config.tokens_per_byte);
    read("longest_answers", config.longest_answers);
    read("report_usage", config.report_usage);
    read("redirect_to", config.redirect_to);
    read("certificate", config.certificate);
    read("private_key", config.private_key);
    read("batch", config.batch);
    return config;
  }

  [[nodiscard]] bool is_poison(const std::string& prompt, const std::string& format) const {
    const auto has = [](const std::vector<std::string>& list, auto&& fits) {
      return std::any_of(list.begin(), list.end(), fits);
    };
    if (!has(poison, [&](const std::string& text) { return prompt.find(text) != std::string::npos; })) return false;
    return poison_formats.empty() || has(poison_formats, [&](const std::string& each) { return each == format; });
  }

  [[nodiscard]] bool refuses_form(const std::string& form) const {
    for (const auto& each : refuses)
      if (each == form) return true;
    return false;
  }
};

}  // namespace llm_server
