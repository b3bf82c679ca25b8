#include "report/page/bar_chart.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/format.hpp"
#include "base/utf8.hpp"
#include "report/page/axis.hpp"
#include "report/page/chart_frame.hpp"

namespace persona4rec {
namespace {

constexpr int kBarTicks = 5;
constexpr double kLetterWidth = 6.6;   // of the ticks' font, roughly
constexpr double kFlatLabels = 42;     // below the plot
constexpr double kSlantedLabels = 80;  // the same where labels are turned
constexpr double kShareOfSlot = 0.76;  // that bars take of a category's width
constexpr double kWidestBar = 54;

class BarDrawing {
 public:
  BarDrawing(Markup& out, const ReportChart& chart)
      : out_(out), chart_(chart), slot_((kPlotRight - kPlotLeft) / static_cast<double>(chart.categories.size())) {
    double longest = 0;
    for (const auto& name : chart.categories) {
      longest = std::max(longest, kLetterWidth * static_cast<double>(count_code_points(name)));
    }
    slanted_ = longest > slot_ * 0.96;
    bottom_ = kChartHeight - (slanted_ ? kSlantedLabels : kFlatLabels);
    ValueRange range = value_range(chart.series);
    range.add(0);
    ticks_ = round_ticks(range.low, range.high, kBarTicks);
    if (counts_) std::erase_if(ticks_, [](double tick) { return tick != std::floor(tick); });
    y_ = {.low = ticks_.front(), .high = ticks_.back(), .from = bottom_, .to = kPlotTop};
    const auto wanted = slot_ * kShareOfSlot / static_cast<double>(chart.series.size());
    width_ = std::min(wanted, kWidestBar);
    labelled_ = labels_fit();
  }

  void draw() {
    draw_grid(out_, chart_, y_, ticks_);
    for (std::size_t c = 0; c < chart_.categories.size(); ++c) category(c);
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      for (std::size_t c = 0; c < chart_.series[s].points.size(); ++c) bar(s, c);
    }
    draw_line(out_, "axis", kPlotLeft, y_.at(0), kPlotRight, y_.at(0));
  }

 private:
  [[nodiscard]] double middle(std::size_t c) const { return kPlotLeft + slot_ * (static_cast<double>(c) + 0.5); }

  // No label of a bar reaches beyond its neighbour's.
  [[nodiscard]] bool labels_fit() const {
    std::size_t longest = 0;
    for (const auto& series : chart_.series) {
      for (const auto& point : series.points) longest = std::max(longest, value_text(point.y).size());
    }
    return kLetterWidth * static_cast<double>(longest) <= width_ + 6;
  }

  void category(std::size_t c) {
    if (!slanted_) return draw_text(out_, "tick-x", middle(c), bottom_ + 17, chart_.categories[c]);
    out_.leaf(
        "text", chart_.categories[c],
        {{"class", "tick-x slanted"},
         {"transform", "translate(" + coordinate(middle(c) + 4) + " " + coordinate(bottom_ + 14) + ") rotate(-35)"},
         {"text-anchor", "end"},
         {"font-size", "12"},
         {"font-family", "sans-serif"}});
  }

  void bar(std::size_t s, std::size_t c) {
    const auto& point = chart_.series[s].points[c];
    if (!std::isfinite(point.y)) return;
    const auto [css, plain] = chart_color(chart_.series[s].color);
    const double all = width_ * static_cast<double>(chart_.series.size());
    const double left = middle(c) - all / 2 + width_ * static_cast<double>(s);
    const double top = std::min(y_.at(point.y), y_.at(0));
    out_.shape("rect", {{"class", "bar " + css},
                        {"x", coordinate(left + 1)},
                        {"y", coordinate(top)},
                        {"width", coordinate(std::max(width_ - 2, 1.0))},
                        {"height", coordinate(std::abs(y_.at(point.y) - y_.at(0)))},
                        {"fill", plain}});
    const double center = left + width_ / 2;
    if (std::isfinite(point.low) && std::isfinite(point.high)) interval(center, point);
    if (labelled_) label(center, point);
  }

  void interval(double x, const ChartPoint& point) {
    draw_line(out_, "whisker", x, y_.at(point.low), x, y_.at(point.high));
    for (const double end : {point.low, point.high}) draw_line(out_, "whisker", x - 4, y_.at(end), x + 4, y_.at(end));
  }

  void label(double x, const ChartPoint& point) {
    const double above = std::isfinite(point.high) ? std::max(point.high, point.y) : point.y;
    const double y = point.y < 0 ? y_.at(std::isfinite(point.low) ? point.low : point.y) + 13 : y_.at(above) - 4;
    draw_text(out_, "value", x, y, value_text(point.y));
  }

  [[nodiscard]] std::string value_text(double value) const {
    if (!counts_ || value < 0) return number_text(chart_.value_format.c_str(), value);
    return with_commas(static_cast<std::uint64_t>(std::llround(value)));
  }

  Markup& out_;
  const ReportChart& chart_;
  const bool counts_ = chart_.value_format == "%.0f";
  double slot_;  // width of a category
  bool slanted_ = false;
  double bottom_ = 0;
  double width_ = 0;  // of a bar
  bool labelled_ = false;
  Axis y_;
  std::vector<double> ticks_;
};

}  // namespace

void draw_bars(Markup& out, const ReportChart& chart) {
  BarDrawing(out, chart).draw();
}

}  // namespace persona4rec
