#include "cli/report/eval_sections.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/bulk/sort_distinct.hpp"
#include "base/format.hpp"
#include "cli/report/eval_figures.hpp"

namespace persona4rec {
namespace {

constexpr std::array<std::size_t, 11> kCurve = {1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100};

std::string value_text(double value) {
  return number_text("%.4f", value);
}

std::string percent_text(double share) {
  return std::isnan(share) ? "--" : number_text("%+.1f %%", share * kPercent);
}

std::string interval_text(const Interval& interval) {
  if (std::isnan(interval.low)) return "--";
  return "[" + number_text("%+.1f", interval.low * kPercent) + ", " + number_text("%+.1f", interval.high * kPercent) +
         "]";
}

std::string confidence_text(const EvalReport& report) {
  return number_text("%g", report.confidence * kPercent) + " % interval";
}

std::vector<std::uint32_t> everyone(const EvalReport& report) {
  std::vector<std::uint32_t> users(report.users.size());
  for (std::uint32_t user = 0; user < users.size(); ++user) users[user] = user;
  return users;
}

// The difference is told from none.
bool is_clear(const Comparison& comparison) {
  return comparison.difference_interval.low > 0 || comparison.difference_interval.high < 0;
}

ReportTable metric_table(const EvalReport& report) {
  ReportTable table{
      .caption = "Means over users with their " + confidence_text(report) + "s", .columns = {"Metric"}, .rows = {}};
  for (const auto& file : report.files) table.columns.push_back(file.name);
  for (std::size_t f = 1; f < report.files.size(); ++f) {
    const std::string whose = report.files.size() > 2 ? " of " + report.files[f].name : "";
    for (const auto& head : {std::string("Difference"), confidence_text(report), std::string("p")})
      table.columns.push_back(head + whose);
  }
  const auto users = everyone(report);
  for (std::size_t m = 0; m < report.metrics.size(); ++m) {
    std::vector<std::string> row{to_string(report.metrics[m])};
    for (std::size_t f = 0; f < report.files.size(); ++f) {
      const auto figure = metric_figure(report, f, m, users);
      row.push_back(value_text(figure.mean) + (std::isnan(figure.half) ? "" : " \u00b1 " + value_text(figure.half)));
    }
    for (std::size_t f = 1; f < report.files.size(); ++f) {
      const Comparison& one = report.files[f].groups.front().against_first[m];
      row.push_back(percent_text(one.relative));
      row.push_back(interval_text(one.relative_interval));
      row.push_back(number_text("%.3f", one.p) + (is_clear(one) ? " *" : ""));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

ReportFacts headline_facts(const EvalReport& report) {
  const std::size_t metric = headline_metric(report);
  const auto& last = report.files.back();
  const auto& group = last.groups.front();
  const double users = static_cast<double>(group.users);
  ReportFacts facts{{to_string(report.metrics[metric]), value_text(group.means[metric]), last.name}};
  if (report.files.size() > 1) {
    const auto& first = report.files.front();
    const Comparison& one = group.against_first[metric];
    facts.front().detail += ", " + value_text(first.groups.front().means[metric]) + " in " + first.name;
    facts.push_back({"Difference", percent_text(one.relative),
                     interval_text(one.relative_interval) + ", p " + number_text("%.3f", one.p)});
  }
  facts.push_back({"Users", with_commas(group.users), "of " + with_commas(report.users.size()) + " with ground truth"});
  facts.push_back({"Found",
                   users > 0 ? number_text("%.1f %%", kPercent * static_cast<double>(group.found) / users) : "--",
                   "have a true item in the list"});
  facts.push_back({"Median rank", number_text("%.1f", group.median_rank), "of the first true item, where found"});
  return facts;
}

// One sentence that says what the figures come to.
std::string verdict_text(const EvalReport& report) {
  const std::size_t metric = headline_metric(report);
  const auto& last = report.files.back();
  const Comparison& one = last.groups.front().against_first[metric];
  const std::string names =
      last.name + " against " + report.files.front().name + ": " + to_string(report.metrics[metric]);
  if (std::isnan(one.relative)) return names + " cannot be compared.";
  if (std::isnan(one.difference_interval.low)) {
    return names + " differs by " + percent_text(one.relative) + "; without resamples nothing says how sure that is.";
  }
  if (!is_clear(one)) {
    return names + " differs by " + percent_text(one.relative) + ", but the interval " +
           interval_text(one.relative_interval) + " % holds 0: these users do not tell the two apart.";
  }
  return names + (one.difference > 0 ? " is higher by " : " is lower by ") +
         number_text("%.1f %%", std::abs(one.relative) * kPercent) + ", " + confidence_text(report) + " " +
         interval_text(one.relative_interval) + " %.";
}

void add_warnings(const EvalReport& report, ReportSection& section) {
  const auto warn = [&](std::string text) {
    section.blocks.emplace_back(ReportNote{std::move(text), NoteKind::kWarning});
  };
  if (report.leaky)
    warn(
        "LEAKY: an input was made under --split reference or by a head that saw the targets. These figures are not fit "
        "for comparison.");
  for (const auto& file : report.files) {
    if (file.counts.bad_rows > 0)
      warn(with_commas(file.counts.bad_rows) + " rows of " + file.name + " cannot be read and were skipped.");
    if (file.counts.missing > 0) {
      warn(with_commas(file.counts.missing) + " users with ground truth have no list in " + file.name +
           (report.missing == MissingLists::kZero ? ": they count as 0." : ": they are left out of its means."));
    }
  }
  if (report.truth.bad_rows > 0)
    warn(with_commas(report.truth.bad_rows) + " rows of the ground truth cannot be read and were skipped.");
}

// The places of a curve: up to the longest list that was of use, and whatever was asked for.
std::vector<std::size_t> curve_places(const EvalReport& report) {
  std::size_t longest = 0;
  for (const auto& metric : report.metrics) longest = std::max(longest, metric.k);
  for (const auto& file : report.files) {
    for (const auto rank : file.first_rank) longest = std::max<std::size_t>(longest, rank);
  }
  std::vector<std::size_t> places;
  for (const auto k : kCurve) {
    if (k <= longest) places.push_back(k);
  }
  for (const auto& metric : report.metrics) places.push_back(metric.k);
  sort_distinct(places);
  return places;
}

std::optional<std::size_t> find_metric_place(const EvalReport& report, const Metric& metric) {
  const auto found = std::ranges::find(report.metrics, metric);
  if (found == report.metrics.end()) return std::nullopt;
  return static_cast<std::size_t>(found - report.metrics.begin());
}

ReportChart curve_chart(const EvalReport& report, MetricKind kind, bool by_rank) {
  const std::string name = kind == MetricKind::kNdcg ? "NDCG" : "HIT";
  ReportChart chart{.title = name + "@k",
                    .description = "Lines: the mean " + name +
                                   "@k of each file over k on a logarithmic axis, with bands of the " +
                                   confidence_text(report) + ".",
                    .x_label = "k, places of the list that count",
                    .y_label = name + "@k",
                    .log_x = true,
                    .from_zero = true,
                    .categories = {},
                    .series = {}};
  const auto users = everyone(report);
  for (std::size_t f = 0; f < report.files.size(); ++f) {
    ChartSeries series{.name = report.files[f].name, .color = file_color(report, f), .points = {}};
    for (const auto k : curve_places(report)) {
      const auto place = find_metric_place(report, {.kind = kind, .k = k});
      if (!place && !by_rank) continue;
      const auto figure =
          place ? metric_figure(report, f, *place, users) : rank_figure(report, f, {.kind = kind, .k = k});
      series.points.push_back({.x = static_cast<double>(k), .y = figure.mean, .low = figure.low, .high = figure.high});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

ReportChart groups_chart(const EvalReport& report, std::size_t metric) {
  const std::string name = to_string(report.metrics[metric]);
  ReportChart chart{.kind = ChartKind::kBars,
                    .title = name + " by group",
                    .description = "Bars: the mean " + name +
                                   " of each file for warm and cold users and for users of head and tail items, "
                                   "with the " +
                                   confidence_text(report) + ".",
                    .x_label = "",
                    .y_label = name,
                    .categories = {},
                    .series = {}};
  for (std::size_t g = 1; g < report.groups.size(); ++g) chart.categories.push_back(report.groups[g].name);
  for (std::size_t f = 0; f < report.files.size(); ++f) {
    ChartSeries series{.name = report.files[f].name, .color = file_color(report, f), .points = {}};
    for (std::size_t g = 1; g < report.groups.size(); ++g) {
      const auto figure = metric_figure(report, f, metric, report.groups[g].users);
      series.points.push_back(
          {.x = static_cast<double>(g - 1), .y = figure.mean, .low = figure.low, .high = figure.high});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

ReportTable groups_table(const EvalReport& report, std::size_t metric) {
  ReportTable table{
      .caption = to_string(report.metrics[metric]) + " of each group against " + report.files.front().name,
      .columns = {"Group", "Reviews", "File", "Users", "Mean", "Difference", confidence_text(report), "p"},
      .rows = {},
      .text_columns = 3};
  for (std::size_t g = 0; g < report.groups.size(); ++g) {
    const auto& group = report.groups[g];
    const bool most = group.name == "warm" || group.name == "head";
    const std::string reviews = group.count ? (most ? "at least " : "at most ") + with_commas(*group.count) : "";
    for (const auto& file : report.files) {
      const auto& result = file.groups[g];
      std::vector<std::string> row{group.name, reviews, file.name, with_commas(result.users),
                                   value_text(result.means[metric])};
      const bool compared = !result.against_first.empty();
      row.push_back(compared ? percent_text(result.against_first[metric].relative) : "");
      row.push_back(compared ? interval_text(result.against_first[metric].relative_interval) : "");
      row.push_back(compared ? number_text("%.3f", result.against_first[metric].p) : "");
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

struct PlaceRange {
  const char* name;
  std::int64_t low;
  std::int64_t high;
};
constexpr std::array<PlaceRange, 11> kRanges = {{{"21+ down", INT64_MIN, -21},
                                                 {"11 to 20", -20, -11},
                                                 {"6 to 10", -10, -6},
                                                 {"3 to 5", -5, -3},
                                                 {"1 or 2 down", -2, -1},
                                                 {"same", 0, 0},
                                                 {"1 or 2 up", 1, 2},
                                                 {"3 to 5", 3, 5},
                                                 {"6 to 10", 6, 10},
                                                 {"11 to 20", 11, 20},
                                                 {"21+ up", 21, INT64_MAX}}};

ReportChart movement_chart(const Movement& movement) {
  ReportChart chart{.kind = ChartKind::kBars,
                    .title = "Places the first true item moved",
                    .description = "Bars: the number of users whose first true item went down or up by so many places.",
                    .x_label = "",
                    .y_label = "users",
                    .value_format = "%.0f",
                    .categories = {},
                    .series = {{.name = "users", .color = 1, .points = {}}}};
  for (const auto& range : kRanges) {
    const auto count = std::ranges::count_if(
        movement.places, [&](std::int64_t place) { return place >= range.low && place <= range.high; });
    chart.series.front().points.push_back(
        {.x = static_cast<double>(chart.categories.size()), .y = static_cast<double>(count)});
    chart.categories.emplace_back(range.name);
  }
  return chart;
}

ReportFacts movement_facts(const Movement& movement) {
  const auto up = std::ranges::count_if(movement.places, [](std::int64_t place) { return place > 0; });
  const auto same = std::ranges::count(movement.places, 0);
  double sum = 0;
  for (const auto place : movement.places) sum += static_cast<double>(place);
  const auto count = movement.places.size();
  const auto part = [](auto value) { return with_commas(static_cast<std::uint64_t>(value)); };
  return {{"Went up", part(up), "users"},
          {"Stayed", part(same), "users"},
          {"Went down", part(static_cast<std::int64_t>(count) - up - same), "users"},
          {"Mean", count == 0 ? "--" : number_text("%+.1f", sum / static_cast<double>(count)), "places up"}};
}

std::string list_text(const Movement& movement) {
  return with_commas(movement.absent) + " users have no true item in either list" +
         (movement.entered + movement.left == 0 ? std::string(".")
                                                : ", " + with_commas(movement.entered) + " in the new one alone, " +
                                                      with_commas(movement.left) + " in the old one alone.");
}

}  // namespace

ReportSection headline_section(const EvalReport& report) {
  ReportSection section{.id = "result", .title = "Result", .blocks = {}};
  add_warnings(report, section);
  const bool compared = report.files.size() > 1;
  if (compared) section.blocks.emplace_back(ReportNote{verdict_text(report)});
  section.blocks.emplace_back(headline_facts(report));
  section.blocks.emplace_back(metric_table(report));
  std::string how = "Behind \u00b1: normal intervals of the means.";
  if (compared && report.bootstrap > 0) {
    how += " Differences are relative to " + report.files.front().name +
           ", over the users of both; their intervals and p come from " + with_commas(report.bootstrap) +
           " paired resamples (seed " + std::to_string(report.seed) + "). * the interval leaves out 0.";
  }
  if (!compared) how += " One file: nothing to compare it with.";
  section.blocks.emplace_back(ReportNote{how});
  return section;
}

ReportSection curves_section(const EvalReport& report) {
  ReportSection section{.id = "curves", .title = "Metrics over k", .blocks = {}};
  const bool single = report.truth.rows == report.users.size();
  section.blocks.emplace_back(
      ReportCharts{curve_chart(report, MetricKind::kNdcg, single), curve_chart(report, MetricKind::kHit, true)});
  if (!single)
    section.blocks.emplace_back(
        ReportNote{"Some users have several true items, so NDCG is drawn at the ks of --ks alone."});
  return section;
}

ReportSection groups_section(const EvalReport& report) {
  ReportSection section{.id = "groups", .title = "Warm and cold, head and tail", .blocks = {}};
  if (report.groups.size() < 2) {
    section.blocks.emplace_back(ReportNote{
        "Not asked for: --scenarios or --review adds warm and cold users, head and tail items.", NoteKind::kAbsent});
    return section;
  }
  const std::size_t metric = headline_metric(report);
  section.blocks.emplace_back(ReportCharts{groups_chart(report, metric)});
  section.blocks.emplace_back(groups_table(report, metric));
  section.blocks.emplace_back(
      ReportNote{"warm, cold: the most and the least active fifth of the users. head, tail: users whose true items are "
                 "among the most and the least reviewed fifth. A user may be in several or in none."});
  return section;
}

ReportSection movement_section(const EvalReport& report) {
  ReportSection section{.id = "movement", .title = "Rank movement", .blocks = {}};
  if (report.files.size() < 2) {
    section.blocks.emplace_back(
        ReportNote{"One file: there is no order to compare its places with.", NoteKind::kAbsent});
    return section;
  }
  const auto& first = report.files.front();
  const auto& last = report.files.back();
  const Movement movement = rank_movement(first, last);
  section.blocks.emplace_back(
      ReportNote{"Where the first true item of each user stands in " + last.name + " against " + first.name + "."});
  section.blocks.emplace_back(movement_facts(movement));
  if (!movement.places.empty()) section.blocks.emplace_back(ReportCharts{movement_chart(movement)});
  section.blocks.emplace_back(ReportNote{list_text(movement)});
  return section;
}

}  // namespace persona4rec
