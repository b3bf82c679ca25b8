#include "cli/progress_display.hpp"

#include <algorithm>
#include <cmath>

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

// "[########------------]"
std::string drawn_bar(const ProgressUpdate& update) {
  constexpr std::uint64_t kCells = 20;
  const std::uint64_t full = std::min(update.done, update.total) * kCells / update.total;
  return "[" + std::string(full, '#') + std::string(kCells - full, '-') + "]";
}

}  // namespace

std::string with_separators(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string duration_text(double seconds) {
  if (seconds > 0 && seconds < 9.95) {
    const auto tenths = static_cast<std::uint64_t>(std::llround(seconds * 10));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  }
  const auto whole = static_cast<std::uint64_t>(std::llround(std::max(0.0, seconds)));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

ProgressDisplay::ProgressDisplay(const ProgressDisplayOptions& options, Write write, Clock clock)
    : options_(options), write_(std::move(write)), clock_(std::move(clock)) {}

void ProgressDisplay::update(const ProgressUpdate& update) {
  const double now = clock_();
  if (update.what != last_.what || update.done < last_.done) begin(update, now);
  last_ = update;
  if (now - shown_s_ < (options_.bar ? options_.bar_every_s : options_.line_every_s)) return;
  shown_s_ = now;
  shown_ = true;
  write_(options_.bar ? "\r\x1b[K" + text(now) : text(now) + "\n");
}

void ProgressDisplay::finish() {
  if (shown_) write_(options_.bar ? "\r\x1b[K" : text(clock_()) + "\n");
  shown_ = false;
  last_ = {};
}

void ProgressDisplay::begin(const ProgressUpdate& update, double now) {
  finish();
  first_done_ = update.done;
  started_s_ = now;
  shown_s_ = now;
}

std::string ProgressDisplay::text(double now) const {
  std::string line = last_.what + "  ";
  if (options_.bar && last_.total > 0) line += drawn_bar(last_) + "  ";
  line += with_separators(last_.done);
  if (last_.total > 0) {
    line += " / " + with_separators(last_.total) + "  " + std::to_string(last_.done * 100 / last_.total) + " %";
  }
  const double elapsed = now - started_s_;
  const double rate = elapsed > 0 ? static_cast<double>(last_.done - first_done_) / elapsed : 0;
  if (rate >= 10) {
    line += "  " + with_separators(static_cast<std::uint64_t>(rate)) + "/s";
  } else if (rate > 0) {
    line += "  " + std::to_string(rate).substr(0, 4) + "/s";
  }
  if (rate > 0 && last_.total > last_.done) {
    line += "  " + duration_text(static_cast<double>(last_.total - last_.done) / rate) + " left";
  }
  if (!last_.detail.empty()) line += "  " + last_.detail;
  return options_.bar ? std::string(cut_utf8(line, options_.width)) : line;
}

}  // namespace persona4rec
