#include "llm/ask_progress.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

#include "llm/budget.hpp"

namespace persona4rec {
namespace {

constexpr double kIntervalS = 0.25;
constexpr double kSmoothingS = 10;  // the rate forgets what is older than about this

std::string short_count(std::uint64_t value) {
  char text[32];
  const auto number = static_cast<double>(value);
  if (value < 10'000) return std::to_string(value);
  std::snprintf(text, sizeof text, value < 1'000'000 ? "%.0fk" : "%.1fM",
                value < 1'000'000 ? number / 1e3 : number / 1e6);
  return text;
}

}  // namespace

AskProgress::AskProgress(ProgressFn report, std::uint64_t total, double now_s)
    : report_(std::move(report)), total_(total), last_s_(now_s) {}

void AskProgress::update(std::uint64_t done, const ChatTotals& totals, double now_s, bool last) {
  if (!report_ || (!last && now_s - last_s_ < kIntervalS)) return;
  measure(done, now_s);
  report_({.what = "answers", .done = done, .total = total_, .detail = detail(done, totals)});
}

void AskProgress::measure(std::uint64_t done, double now_s) {
  const double elapsed_s = now_s - last_s_;
  if (elapsed_s <= 0) return;
  const double rate = static_cast<double>(done - last_done_) / elapsed_s;
  const double weight = rows_per_s_ > 0 ? 1 - std::exp(-elapsed_s / kSmoothingS) : 1;
  rows_per_s_ += weight * (rate - rows_per_s_);
  last_s_ = now_s;
  last_done_ = done;
}

std::string AskProgress::detail(std::uint64_t done, const ChatTotals& totals) const {
  char rate[32];
  std::snprintf(rate, sizeof rate, rows_per_s_ < 10 ? "%.1f/s" : "%.0f/s", rows_per_s_);
  std::string text = std::string(rate) + ", " + short_count(totals.use.prompt + totals.use.completion) + " tokens";
  if (!std::isnan(totals.cost_usd)) text += ", " + dollars(totals.cost_usd);
  text += ", " + std::to_string(totals.retries) + " retries, " + std::to_string(totals.rejects) + " rejects";
  if (total_ > done && rows_per_s_ > 0) text += ", ETA " + time_text(static_cast<double>(total_ - done) / rows_per_s_);
  return text;
}

std::string time_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  const auto part = [](std::uint64_t value, const char* unit) { return std::to_string(value) + unit; };
  if (whole < 90) return part(whole, " s");
  const std::uint64_t minutes = (whole + 30) / 60;
  if (minutes < 90) return part(minutes, " min");
  if (minutes < 48 * 60) return part(minutes / 60, " h ") + part(minutes % 60, " min");
  return part(minutes / 60 / 24, " d ") + part(minutes / 60 % 24, " h");
}

}  // namespace persona4rec
