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

// Of the work, 0 .. 1; 0 while nothing is known of it.
double share_of(const ProgressUpdate& update) {
  if (update.share > 0 || update.total == 0) return update.share;
  return static_cast<double>(update.done) / static_cast<double>(update.total);
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
  first_share_ = share_of(update);
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
  const double share = share_of(last_);
  if (share > first_share_ && last_.total > last_.done) {
    line += "  " + duration_text(elapsed * (1 - share) / (share - first_share_)) + " left";
  }
  if (!last_.detail.empty()) line += "  " + last_.detail;
  return options_.bar ? std::string(cut_utf8(line, options_.width)) : line;
}

}  // namespace persona4rec
