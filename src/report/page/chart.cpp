#include "report/page/chart.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "base/format.hpp"
#include "report/page/bar_chart.hpp"
#include "report/page/chart_frame.hpp"
#include "report/page/line_chart.hpp"
#include "report/page/table.hpp"

namespace persona4rec {
namespace {

void write_legend(Markup& out, const ReportChart& chart) {
  if (chart.series.size() < 2) return;
  out.open("ul", {{"class", "legend"}});
  for (const auto& series : chart.series) {
    out.open("li");
    out.open(
        "svg",
        {{"class", "swatch"}, {"viewBox", "0 0 22 12"}, {"width", "22"}, {"height", "12"}, {"aria-hidden", "true"}});
    const auto [css, plain] = chart_color(series.color);
    if (chart.kind == ChartKind::kBars) {
      out.shape("rect",
                {{"class", "bar " + css}, {"x", "4"}, {"y", "0"}, {"width", "12"}, {"height", "12"}, {"fill", plain}});
    } else {
      out.shape("path", {{"class", "line " + css},
                         {"d", "M0 6L22 6"},
                         {"stroke", plain},
                         {"stroke-width", "2"},
                         {"stroke-dasharray", series.color == 0 ? "5 4" : ""}});
      draw_mark(out, series.color, 11, 6);
    }
    out.close();
    out.leaf("span", series.name);
    out.close();
  }
  out.close();
}

std::string place_text(const ReportChart& chart, std::size_t row) {
  if (chart.kind == ChartKind::kBars) return chart.categories[row];
  return number_text("%g", chart.series.front().points[row].x);
}

std::string point_text(const ReportChart& chart, const ChartPoint& point) {
  std::string text = number_text(chart.value_format.c_str(), point.y);
  if (std::isnan(point.low) || std::isnan(point.high)) return text;
  return text + " [" + number_text(chart.value_format.c_str(), point.low) + ", " +
         number_text(chart.value_format.c_str(), point.high) + "]";
}

// REQUIRES: the series have the same places.
ReportTable table_of(const ReportChart& chart) {
  ReportTable table{.caption = chart.title, .columns = {chart.x_label.empty() ? "group" : chart.x_label}, .rows = {}};
  for (const auto& series : chart.series) table.columns.push_back(series.name);
  for (std::size_t row = 0; row < chart.series.front().points.size(); ++row) {
    table.rows.push_back({place_text(chart, row)});
    for (const auto& series : chart.series) table.rows.back().push_back(point_text(chart, series.points[row]));
  }
  return table;
}

void write_drawing(Markup& out, const ReportChart& chart) {
  out.open("svg", {{"class", "chart"},
                   {"viewBox", "0 0 " + coordinate(kChartWidth) + " " + coordinate(kChartHeight)},
                   {"role", "img"}});
  out.leaf("title", chart.title);
  out.leaf("desc", chart.description);
  if (chart.kind == ChartKind::kBars) {
    draw_bars(out, chart);
  } else {
    draw_lines(out, chart);
  }
  out.close();
}

}  // namespace

void write_chart(Markup& out, const ReportChart& chart) {
  if (value_range(chart.series).empty) {
    out.leaf("p", chart.title + ": no figure to draw.", {{"class", "absent"}});
    return;
  }
  out.open("figure");
  out.leaf("figcaption", chart.title);
  write_legend(out, chart);
  write_drawing(out, chart);
  out.open("details");
  out.leaf("summary", "Figures");
  write_table(out, table_of(chart));
  out.close();
  out.close();
}

}  // namespace persona4rec
