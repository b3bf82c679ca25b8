// Money and tokens: what a model costs, and a budget that is never exceeded.
//
// Before a request goes out its worst case is reserved (one token per UTF-8 byte of the prompt and everything that the
// answer may take); afterwards the tokens that the service reported replace it. A request that may have been billed
// without saying how much (a timeout, a broken connection) keeps its reservation.
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// US dollars per million tokens.
struct Price {
  double input = 0;
  double output = 0;

  [[nodiscard]] double cost_usd(const TokenUse& use) const {
    return (static_cast<double>(use.prompt) * input + static_cast<double>(use.completion) * output) / 1e6;
  }
};

// NaN without a price.
[[nodiscard]] double cost_of(const std::optional<Price>& price, const TokenUse& use);

// The price of `model` in prices.json: {"models": {name: {"input", "output", "batch_input"?, "batch_output"?}}}; a
// dated name ("gpt-4o-mini-2024-07-18") has the price of the longest name that it adds a date to. With `batch`, the
// batch prices, which are half where the file does not say. Nothing: unknown model, or no file. Throws Error kInput:
// broken file.
[[nodiscard]] std::optional<Price> find_price(const std::filesystem::path& prices, const std::string& model,
                                              bool batch);

class Budget {
 public:
  // Nothing = no limit. REQUIRES: a price when max_cost_usd is given.
  Budget(std::optional<Price> price, std::optional<double> max_cost_usd, std::optional<std::uint64_t> max_tokens);

  // Whether this worst case fits into what is neither spent nor reserved.
  [[nodiscard]] bool fits(const TokenUse& most) const;
  void reserve(const TokenUse& most);
  // The request cost `use`.
  void settle(const TokenUse& reserved, const TokenUse& use);
  // The request was not billed.
  void release(const TokenUse& reserved);
  // The request may have been billed: its reservation stays.
  void keep(const TokenUse& reserved);

  [[nodiscard]] const TokenUse& spent() const { return spent_; }
  [[nodiscard]] const TokenUse& kept() const { return kept_; }          // never settled
  [[nodiscard]] const TokenUse& reserved() const { return reserved_; }  // in flight
  [[nodiscard]] double cost_usd(const TokenUse& use) const;             // NaN without a price
  // "$1.2345 of --max-cost $2 and 12,345 tokens are spent": for the message that ends a run.
  [[nodiscard]] std::string describe() const;

 private:
  std::optional<Price> price_;
  std::optional<double> max_cost_usd_;
  std::optional<std::uint64_t> max_tokens_;
  TokenUse spent_;
  TokenUse kept_;
  TokenUse reserved_;
};

[[nodiscard]] inline TokenUse operator+(const TokenUse& a, const TokenUse& b) {
  return {.prompt = a.prompt + b.prompt, .completion = a.completion + b.completion};
}
// REQUIRES: b is part of a.
[[nodiscard]] inline TokenUse operator-(const TokenUse& a, const TokenUse& b) {
  return {.prompt = a.prompt - b.prompt, .completion = a.completion - b.completion};
}

// "$0.0123", "$12.34"; "--" for NaN.
[[nodiscard]] std::string dollars(double usd);

}  // namespace persona4rec
