#include "llm/money/budget.hpp"

#include <cmath>
#include <limits>

#include "base/format.hpp"
#include "io/json_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

Json load_prices(const std::filesystem::path& path) {
  const Json prices = read_json_file(path);
  if (prices.contains("models") && prices["models"].is_object()) return prices["models"];
  throw input_error({.file = path.string(), .field = "models"}, "expected an object");
}

// "gpt-4o" is the price of "gpt-4o-2024-08-06", but not of "gpt-4o-audio".
bool is_dated(const std::string& model, const std::string& name) {
  return model.size() > name.size() + 1 && model.starts_with(name + "-") && model[name.size() + 1] >= '0' &&
         model[name.size() + 1] <= '9';
}

// The entry of the longest name that fits.
std::optional<std::pair<std::string, Json>> find_model(const Json& models, const std::string& model) {
  std::optional<std::pair<std::string, Json>> best;
  for (const auto& [name, entry] : models.items()) {
    if ((model == name || is_dated(model, name)) && (!best || name.size() > best->first.size()))
      best.emplace(name, entry);
  }
  return best;
}

double price_at(const Json& entry, const char* key, const Place& place) {
  const auto at = entry.find(key);
  if (at == entry.end() || !at->is_number() || at->get<double>() < 0)
    throw input_error({.file = place.file, .field = place.field + "." + key}, "expected a number >= 0");
  return at->get<double>();
}

}  // namespace

std::optional<Price> find_price(const std::filesystem::path& prices, const std::string& model, bool batch) {
  if (prices.empty()) return std::nullopt;
  const auto found = find_model(load_prices(prices), model);
  if (!found) return std::nullopt;
  const auto& [name, entry] = *found;
  const Place place{.file = prices.string(), .field = "models." + name};
  if (!entry.is_object()) throw input_error(place, "expected an object");
  const Price list{.input = price_at(entry, "input", place), .output = price_at(entry, "output", place)};
  if (!batch) return list;
  return Price{.input = entry.contains("batch_input") ? price_at(entry, "batch_input", place) : list.input / 2,
               .output = entry.contains("batch_output") ? price_at(entry, "batch_output", place) : list.output / 2};
}

double cost_of(const std::optional<Price>& price, const TokenUse& use) {
  return price ? price->cost_usd(use) : std::numeric_limits<double>::quiet_NaN();
}

Budget::Budget(std::optional<Price> price, std::optional<double> max_cost_usd, std::optional<std::uint64_t> max_tokens)
    : price_(price), max_cost_usd_(max_cost_usd), max_tokens_(max_tokens) {
  if (max_cost_usd_ && !price_) throw internal_error("a budget in dollars without a price");
}

bool Budget::fits(const TokenUse& most) const {
  const TokenUse all = spent_ + kept_ + reserved_ + most;
  if (max_tokens_ && all.prompt + all.completion > *max_tokens_) return false;
  return !max_cost_usd_ || cost_of(price_, all) <= *max_cost_usd_;
}

void Budget::reserve(const TokenUse& most) {
  reserved_ = reserved_ + most;
}

void Budget::settle(const TokenUse& reserved, const TokenUse& use) {
  release(reserved);
  spent_ = spent_ + use;
}

void Budget::release(const TokenUse& reserved) {
  reserved_ = reserved_ - reserved;
}

void Budget::keep(const TokenUse& reserved) {
  release(reserved);
  kept_ = kept_ + reserved;
}

double Budget::cost_usd(const TokenUse& use) const {
  return cost_of(price_, use);
}

std::string Budget::describe() const {
  std::string text =
      "spent " + dollars(cost_usd(spent_)) + ", " + with_commas(spent_.prompt + spent_.completion) + " tokens";
  if (kept_.prompt + kept_.completion > 0)
    text += ", and at most " + dollars(cost_usd(kept_)) + ", " + with_commas(kept_.prompt + kept_.completion) +
            " tokens on requests that ended without an answer";
  if (max_cost_usd_) text += "; --max-cost " + dollars(*max_cost_usd_);
  if (max_tokens_) text += "; --max-tokens-total " + with_commas(*max_tokens_);
  return text;
}

std::string dollars(double usd) {
  return std::isnan(usd) ? "--" : "$" + fixed_text(usd, usd < 1 ? 4 : 2);
}

}  // namespace persona4rec
