// eval_table(): the report as aligned text.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <span>
#include <string_view>

#include "base/format.hpp"
#include "eval/number_text.hpp"
#include "eval/paired_table.hpp"
#include "eval/text_grid.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {
namespace {

constexpr int kMetricDigits = 4;
constexpr int kPDigits = 3;
constexpr std::size_t kEndWidth = 6;  // of an interval's end: "+123.4"

std::string count_text(std::uint64_t count) {
  return std::to_string(count);
}

std::string count_of(std::uint64_t count, const std::string& unit) {
  return count_text(count) + " " + unit + (count == 1 ? "" : "s");
}

// "[  +2.1,  +27.0]": both ends as wide as usual ends are, so that intervals stand below each other.
std::string interval_text(const Interval& interval) {
  if (std::isnan(interval.low) && std::isnan(interval.high)) return "--";
  const auto end = [](double value) {
    const auto text = signed_percent_text(value);
    return std::string(kEndWidth - std::min(text.size(), kEndWidth), ' ') + text;
  };
  return "[" + end(interval.low) + ", " + end(interval.high) + "]";
}

std::string p_text(double p) {
  return p < 0.0005 ? "<.001" : share_text(p, kPDigits);
}

bool leaves_out_zero(const Interval& interval) {
  return interval.low > 0 || interval.high < 0;
}

std::string percent_of(double share) {
  return fixed_text(share * 100, 0) + " %";
}

// The published scenario tables are at 10.
std::size_t scenario_k(const EvalReport& report) {
  std::size_t largest = 0;
  for (const auto& metric : report.metrics) {
    if (metric.k == 10) return 10;
    largest = std::max(largest, metric.k);
  }
  return largest;
}

std::string title_of(const EvalGroup& group) {
  const bool of_users = group.name == "warm" || group.name == "cold";
  const bool upper = group.name == "warm" || group.name == "head";
  const std::string title = of_users ? group.name + " users" : "users with " + group.name + " items";
  if (!group.count) return title + " (the review file names none)";
  return title + " (at " + (upper ? "least " : "most ") + count_of(*group.count, "review") + ")";
}

// One block: the first file and some of the further ones beside it.
class TableBlock {
 public:
  TableBlock(const EvalReport& report, std::span<const EvalFile> others) : report_(report), others_(others) {
    grid_.column(Align::kLeft, 0);
    grid_.column(Align::kRight, 2);
    for (std::size_t i = 0; i < others.size(); ++i) add_file_columns();
    header();
    counts();
    for (std::size_t m = 0; m < report.metrics.size(); ++m) {
      if (m == 0 || report.metrics[m].kind != report.metrics[m - 1].kind) grid_.line("");
      metric_row(m, 0);
    }
    list_metric_rows();
    for (std::size_t group = 1; group < report.groups.size(); ++group) scenario(group);
  }

  [[nodiscard]] const TextGrid& grid() const { return grid_; }

 private:
  using Cell = std::function<std::string(const EvalFile&)>;

  [[nodiscard]] bool has_intervals() const { return report_.bootstrap > 0; }

  void add_file_columns() {
    grid_.column(Align::kRight, 3);  // value
    grid_.column(Align::kRight, 2);  // difference
    if (!has_intervals()) return;
    grid_.column(Align::kRight, 2);  // interval
    grid_.column(Align::kRight, 2);  // p
    grid_.column(Align::kLeft, 1);   // mark
  }

  void header() {
    std::vector<std::string> cells = {"", report_.files.front().name};
    for (const auto& file : others_) {
      cells.insert(cells.end(), {file.name, "diff %"});
      if (has_intervals()) cells.insert(cells.end(), {"[" + percent_of(report_.confidence) + " interval]", "p", ""});
    }
    grid_.row(std::move(cells));
  }

  void counts() {
    const auto group = [](const EvalFile& file) -> const GroupResult& { return file.groups.front(); };
    value_row("users", [&](const auto& file) { return count_text(group(file).users); });
    count_row("no list", &EvalFileCounts::missing);
    count_row("no truth", &EvalFileCounts::without_truth);
    count_row("bad rows", &EvalFileCounts::bad_rows);
    value_row("found", [&](const auto& file) {
      const auto users = static_cast<double>(group(file).users);
      return share_text(users > 0 ? static_cast<double>(group(file).found) / users : std::nan(""), kMetricDigits);
    });
    value_row("median rank", [&](const auto& file) { return fixed_text(group(file).median_rank, 1); });
  }

  // Only where there is something to say.
  void count_row(const std::string& label, std::uint64_t EvalFileCounts::* count) {
    if (std::ranges::all_of(report_.files, [&](const auto& file) { return file.counts.*count == 0; })) return;
    value_row(label, [&](const auto& file) { return count_text(file.counts.*count); });
  }

  void value_row(const std::string& label, const Cell& cell) {
    std::vector<std::string> cells = {label, cell(report_.files.front())};
    for (const auto& file : others_) {
      cells.push_back(cell(file));
      cells.resize(cells.size() + (has_intervals() ? 4 : 1));
    }
    grid_.row(std::move(cells));
  }

  void metric_row(std::size_t metric, std::size_t group) {
    const auto value = [&](const EvalFile& file) {
      return share_text(file.groups[group].means[metric], kMetricDigits);
    };
    std::vector<std::string> cells = {to_string(report_.metrics[metric]), value(report_.files.front())};
    for (const auto& file : others_) {
      const auto& comparison = file.groups[group].against_first[metric];
      cells.insert(cells.end(), {value(file), signed_percent_text(comparison.relative)});
      if (!has_intervals()) continue;
      cells.insert(cells.end(), {interval_text(comparison.relative_interval), p_text(comparison.p),
                                 leaves_out_zero(comparison.difference_interval) ? "*" : ""});
    }
    grid_.row(std::move(cells));
  }

  // Of whole files: without differences, as nothing pairs.
  void list_metric_rows() {
    const auto& metrics = report_.list_metrics;
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      if (m == 0 || metrics[m].kind != metrics[m - 1].kind) grid_.line("");
      value_row(to_string(metrics[m]),
                [&](const auto& file) { return share_text(file.list_values[m], kMetricDigits); });
    }
  }

  void scenario(std::size_t group) {
    grid_.line("");
    grid_.line(title_of(report_.groups[group]));
    value_row("users", [&](const auto& file) { return count_text(file.groups[group].users); });
    const std::size_t k = scenario_k(report_);
    for (std::size_t m = 0; m < report_.metrics.size(); ++m) {
      if (report_.metrics[m].k == k) metric_row(m, group);
    }
  }

  const EvalReport& report_;
  std::span<const EvalFile> others_;
  TextGrid grid_;
};

// As many further files as fit into the width, at least one.
std::size_t files_that_fit(const EvalReport& report, std::span<const EvalFile> others, std::size_t width) {
  std::size_t count = others.size();
  while (count > 1 && TableBlock(report, others.first(count)).grid().width() > width) --count;
  return count;
}

// What the differences are against, and what their intervals are.
std::string difference_line(const EvalReport& report) {
  if (report.files.size() < 2) return "";
  const auto& first = report.files.front().name;
  if (report.bootstrap == 0) return "diff % against " + first + "\n";
  return "diff % and its interval against " + first + ": " + count_text(report.bootstrap) + " paired resamples, seed " +
         count_text(report.seed) + "; * where the difference's interval leaves out 0\n";
}

std::string head_lines(const EvalReport& report) {
  std::string text;
  if (report.leaky) {
    text +=
        "LEAKY: made under --split reference, or by a head that saw the targets: they leak into what is ranked.\n"
        "Only for comparing with published numbers.\n";
  }
  text += count_of(report.users.size(), "user") + " with ground truth (" + report.truth_name + "), world " +
          to_string(report.world);
  if (report.missing == MissingLists::kZero) text += "; users without a list count as 0";
  return text + "\n" + difference_line(report) + "\n";
}

// A difference over fewer users than a file evaluates must be said.
std::string foot_lines(const EvalReport& report) {
  std::string text;
  const auto& first = report.files.front();
  for (const auto& file : std::span(report.files).subspan(1)) {
    const auto& all = file.groups.front();
    if (all.pairs == all.users && all.pairs == first.groups.front().users) continue;
    text += "diff % of " + file.name + ": over the " + count_of(all.pairs, "user") + " that " + first.name +
            " evaluates too\n";
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string eval_table(const EvalReport& report, std::size_t width) {
  std::string text = head_lines(report);
  const auto others = std::span(report.files).subspan(1);
  std::size_t done = 0;
  do {
    const auto rest = others.subspan(done);
    const auto count = files_that_fit(report, rest, width);
    if (done > 0) text += "\n";
    text += TableBlock(report, rest.first(count)).grid().text();
    done += count;
  } while (done < others.size());
  return text + foot_lines(report) + paired_table(report);
}

}  // namespace persona4rec
