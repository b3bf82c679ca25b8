#include "cli/progress_display.hpp"

#include <algorithm>

#include "base/format.hpp"
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
  line += with_commas(last_.done);
  if (last_.total > 0) {
    line += " / " + with_commas(last_.total) + "  " + std::to_string(last_.done * 100 / last_.total) + " %";
  }
  const double elapsed = now - started_s_;
  const double rate = elapsed > 0 ? static_cast<double>(last_.done - first_done_) / elapsed : 0;
  if (rate >= 10) {
    line += "  " + with_commas(static_cast<std::uint64_t>(rate)) + "/s";
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
