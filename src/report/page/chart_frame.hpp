// What line and bar charts share: their canvas, axes, marks and colours.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "persona4rec/report.hpp"
#include "report/page/axis.hpp"
#include "report/page/markup.hpp"

namespace persona4rec {

inline constexpr double kChartWidth = 460;
inline constexpr double kChartHeight = 270;
inline constexpr double kPlotLeft = 62;
inline constexpr double kPlotRight = kChartWidth - 14;
inline constexpr double kPlotTop = 20;

// A colour by its number; beyond the last they begin again behind the quiet one. `css` names it in the page's style,
// `plain` is what stands where no style is taken.
struct ChartColor {
  std::string css;
  std::string plain;
};
[[nodiscard]] ChartColor chart_color(std::size_t number);

// The lowest and highest finite value of all points with their intervals.
struct ValueRange {
  double low = 0;
  double high = 0;
  bool empty = true;
  void add(double value);
};
[[nodiscard]] ValueRange value_range(std::span<const ChartSeries> series);

// Horizontal lines at the ticks with their numbers, and the two axis labels. `y` maps values to places.
void draw_grid(Markup& out, const ReportChart& chart, const Axis& y, const std::vector<double>& ticks);

// The mark of a colour: a circle, square, triangle, ...: colours are not all that tells series apart.
void draw_mark(Markup& out, std::size_t color, double x, double y);

void draw_line(Markup& out, std::string_view css, double x1, double y1, double x2, double y2);
void draw_text(Markup& out, std::string_view css, double x, double y, std::string_view text);

}  // namespace persona4rec
