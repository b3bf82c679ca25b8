#include "report/page/line_chart.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "report/page/axis.hpp"
#include "report/page/chart_frame.hpp"

namespace persona4rec {
namespace {

constexpr double kBottom = kChartHeight - 42;
constexpr int kLineTicks = 5;

class LineDrawing {
 public:
  LineDrawing(Markup& out, const ReportChart& chart) : out_(out), chart_(chart) {
    set_x();
    set_y();
  }

  void draw() {
    draw_grid(out_, chart_, y_, y_ticks_);
    const double step = x_ticks_.size() > 1 ? x_ticks_[1] - x_ticks_[0] : 1;
    for (const double tick : x_ticks_) {
      draw_line(out_, "axis", x_.at(tick), kBottom, x_.at(tick), kBottom + 4);
      draw_text(out_, "tick-x", x_.at(tick), kBottom + 17, tick_text(tick, chart_.log_x ? 1 : step));
    }
    draw_line(out_, "axis", kPlotLeft, kBottom, kPlotRight, kBottom);
    for (const auto& series : chart_.series) band(series);
    for (const auto& series : chart_.series) line(series);
  }

 private:
  void set_x() {
    ValueRange range;
    for (const auto& series : chart_.series) {
      for (const auto& point : series.points) range.add(point.x);
    }
    x_ticks_ = chart_.log_x ? log_ticks(range.low, range.high) : whole_ticks(range.low, range.high);
    x_ = {
        .low = range.low, .high = range.high, .from = kPlotLeft + 8, .to = kPlotRight - 8, .logarithmic = chart_.log_x};
  }

  // Epochs and the like: round numbers within the data alone.
  static std::vector<double> whole_ticks(double low, double high) {
    std::vector<double> ticks = round_ticks(low, high, kLineTicks + 2);
    std::erase_if(ticks, [&](double tick) { return tick < low || tick > high || tick != std::floor(tick); });
    return ticks;
  }

  void set_y() {
    ValueRange range = value_range(chart_.series);
    if (chart_.from_zero) range.add(0);
    y_ticks_ = round_ticks(range.low, range.high, kLineTicks);
    y_ = {.low = y_ticks_.front(), .high = y_ticks_.back(), .from = kBottom, .to = kPlotTop};
  }

  void band(const ChartSeries& series) {
    std::string above;
    std::string below;
    for (const auto& point : series.points) {
      if (!std::isfinite(point.low) || !std::isfinite(point.high)) continue;
      above += coordinate(x_.at(point.x)) + "," + coordinate(y_.at(point.high)) + " ";
      below.insert(0, " " + coordinate(x_.at(point.x)) + "," + coordinate(y_.at(point.low)));
    }
    if (above.empty()) return;
    above.pop_back();
    const auto [css, plain] = chart_color(series.color);
    out_.shape("polygon",
               {{"class", "band " + css}, {"points", above + below}, {"fill", plain}, {"fill-opacity", ".13"}});
  }

  void line(const ChartSeries& series) {
    std::string path;
    bool joined = false;
    for (const auto& point : series.points) {
      const bool drawn = std::isfinite(point.y);
      if (drawn) path += (joined ? "L" : "M") + coordinate(x_.at(point.x)) + " " + coordinate(y_.at(point.y));
      joined = drawn;
    }
    const auto [css, plain] = chart_color(series.color);
    out_.shape("path", {{"class", "line " + css},
                        {"d", path},
                        {"fill", "none"},
                        {"stroke", plain},
                        {"stroke-width", "2"},
                        {"stroke-dasharray", series.color == 0 ? "5 4" : ""}});
    for (const auto& point : series.points) {
      if (std::isfinite(point.y)) draw_mark(out_, series.color, x_.at(point.x), y_.at(point.y));
    }
  }

  Markup& out_;
  const ReportChart& chart_;
  Axis x_;
  Axis y_;
  std::vector<double> x_ticks_;
  std::vector<double> y_ticks_;
};

}  // namespace

void draw_lines(Markup& out, const ReportChart& chart) {
  LineDrawing(out, chart).draw();
}

}  // namespace persona4rec
