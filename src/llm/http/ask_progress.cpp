#include "llm/http/ask_progress.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

#include "llm/money/budget.hpp"

namespace persona4rec {
namespace {

constexpr double kIntervalS = 0.25;

std::string short_count(std::uint64_t value) {
  if (value < 10'000) return std::to_string(value);
  const bool thousands = value < 1'000'000;
  char text[32];
  std::snprintf(text, sizeof text, thousands ? "%.0fk" : "%.1fM", static_cast<double>(value) / (thousands ? 1e3 : 1e6));
  return text;
}

std::string detail(const ChatTotals& totals) {
  std::string text = short_count(totals.use.prompt + totals.use.completion) + " tokens";
  if (!std::isnan(totals.cost_usd)) text += ", " + dollars(totals.cost_usd);
  return text + ", " + std::to_string(totals.retries) + " retries, " + std::to_string(totals.rejects) + " rejects";
}

}  // namespace

void AskProgress::update(std::uint64_t done, const ChatTotals& totals, double now_s, bool last) {
  if (!report_ || (!last && now_s - last_s_ < kIntervalS)) return;
  last_s_ = now_s;
  report_({.what = "answers", .done = done, .total = total_, .detail = detail(totals)});
}

}  // namespace persona4rec
