#include "report/page/chart_frame.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace persona4rec {
namespace {

// The light palette of page_style.cpp; each at least 4.5 : 1 against white.
constexpr std::array<const char*, 7> kColors = {"#5f6b7a", "#0067b0", "#b84a00", "#00765a",
                                                "#8f3f8a", "#7a6200", "#b3261e"};

// Where an axis label turned by a quarter stands.
constexpr double kLabelLeft = 12;

std::string points_text(std::initializer_list<std::pair<double, double>> points) {
  std::string text;
  for (const auto& [x, y] : points) text += (text.empty() ? "" : " ") + coordinate(x) + "," + coordinate(y);
  return text;
}

}  // namespace

ChartColor chart_color(std::size_t number) {
  const std::size_t place = number < kColors.size() ? number : 1 + (number - 1) % (kColors.size() - 1);
  return {.css = "c" + std::to_string(place), .plain = kColors[place]};
}

void ValueRange::add(double value) {
  if (!std::isfinite(value)) return;
  low = empty ? value : std::min(low, value);
  high = empty ? value : std::max(high, value);
  empty = false;
}

ValueRange value_range(std::span<const ChartSeries> series) {
  ValueRange range;
  for (const auto& one : series) {
    for (const auto& point : one.points) {
      for (const double value : {point.y, point.low, point.high}) range.add(value);
    }
  }
  return range;
}

void draw_line(Markup& out, std::string_view css, double x1, double y1, double x2, double y2) {
  out.shape("line", {{"class", css},
                     {"x1", coordinate(x1)},
                     {"y1", coordinate(y1)},
                     {"x2", coordinate(x2)},
                     {"y2", coordinate(y2)},
                     {"stroke", css == "grid" ? "#d9dee5" : "#4b5563"}});
}

void draw_text(Markup& out, std::string_view css, double x, double y, std::string_view text) {
  const std::string_view anchor = css == "tick-y" ? "end" : "middle";
  out.leaf("text", text,
           {{"class", css},
            {"x", coordinate(x)},
            {"y", coordinate(y)},
            {"text-anchor", anchor},
            {"font-size", "12"},
            {"font-family", "sans-serif"}});
}

void draw_grid(Markup& out, const ReportChart& chart, const Axis& y, const std::vector<double>& ticks) {
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  for (const double tick : ticks) {
    draw_line(out, tick == 0 ? "axis" : "grid", kPlotLeft, y.at(tick), kPlotRight, y.at(tick));
    draw_text(out, "tick-y", kPlotLeft - 7, y.at(tick) + 4, tick_text(tick, step));
  }
  const double middle = (y.from + y.to) / 2;
  out.leaf("text", chart.y_label,
           {{"class", "label"},
            {"transform", "translate(" + coordinate(kLabelLeft) + " " + coordinate(middle) + ") rotate(-90)"},
            {"text-anchor", "middle"},
            {"font-size", "12"},
            {"font-family", "sans-serif"}});
  draw_text(out, "label", (kPlotLeft + kPlotRight) / 2, kChartHeight - 5, chart.x_label);
}

void draw_mark(Markup& out, std::size_t color, double x, double y) {
  const auto [css, plain] = chart_color(color);
  const std::string name = "mark " + css;
  constexpr double kRadius = 3.6;
  switch (color % 4) {
    case 0:
      out.shape("circle",
                {{"class", name}, {"cx", coordinate(x)}, {"cy", coordinate(y)}, {"r", "3.4"}, {"fill", plain}});
      return;
    case 1:
      out.shape("rect", {{"class", name},
                         {"x", coordinate(x - 3)},
                         {"y", coordinate(y - 3)},
                         {"width", "6"},
                         {"height", "6"},
                         {"fill", plain}});
      return;
    case 2:
      out.shape(
          "polygon",
          {{"class", name},
           {"points",
            points_text({{x, y - kRadius - 0.6}, {x + kRadius, y + kRadius - 0.6}, {x - kRadius, y + kRadius - 0.6}})},
           {"fill", plain}});
      return;
    default:
      out.shape(
          "polygon",
          {{"class", name},
           {"points",
            points_text({{x, y - kRadius - 1}, {x + kRadius + 1, y}, {x, y + kRadius + 1}, {x - kRadius - 1, y}})},
           {"fill", plain}});
  }
}

}  // namespace persona4rec
