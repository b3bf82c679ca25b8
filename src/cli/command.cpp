#include "cli/command.hpp"

#include <cstdio>

#include "base/clock.hpp"
#include "base/format.hpp"
#include "cli/console.hpp"
#include "cli/progress_display.hpp"

namespace persona4rec {
namespace {

void write_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

CommandContext::CommandContext(std::string command, bool quiet)
    : command_(std::move(command)), quiet_(quiet), started_s_(steady_seconds()) {
  if (quiet_) return;
  display_ = std::make_shared<ProgressDisplay>(ProgressDisplayOptions{.bar = stderr_is_terminal()}, write_stderr,
                                               steady_seconds);
  progress = [display = display_](const ProgressUpdate& update) { display->update(update); };
}

void CommandContext::summary(const StageSummary& summary) const {
  if (quiet_) return;
  display_->finish();
  std::string line = command_ + ":";
  const char* separator = " ";
  for (const auto& [what, count] : summary.counts) {
    if (count == 0 && &what != &summary.counts.front().first) continue;
    line += separator + with_commas(count) + " " + what;
    separator = ", ";
  }
  if (!summary.note.empty()) line += separator + summary.note;
  for (const auto& path : summary.wrote) line += (&path == &summary.wrote.front() ? "; wrote " : ", ") + path.string();
  print_message(line + " (" + duration_text(steady_seconds() - started_s_) + ")");
}

}  // namespace persona4rec
