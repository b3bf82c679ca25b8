// The page of eval --report: every text is escaped, nothing is loaded, charts say what they show, and what is absent is
// said in one line.
#include "persona4rec/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "persona4rec/error.hpp"
#include "report/page/axis.hpp"
#include "report/page/markup.hpp"

namespace persona4rec::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string html_of(ReportBlock block) {
  return report_html({.title = "t",
                      .subtitle = "s",
                      .sections = {{.id = "a", .title = "A", .blocks = {std::move(block)}}},
                      .footer = "f"});
}

// What is between <main> and </main>: the style sheet aside.
std::string main_of(const std::string& html) {
  const auto begin = html.find("<main>");
  return html.substr(begin, html.find("</main>") - begin);
}

ReportChart chart_of(std::vector<ChartPoint> points) {
  return {.title = "Loss",
          .description = "A line.",
          .x_label = "epoch",
          .y_label = "loss",
          .series = {{.name = "one", .color = 1, .points = std::move(points)}}};
}

TEST(Report, EscapesMarkup) {
  EXPECT_EQ(escape_html("<script>alert('x') & \"y\"</script>"),
            "&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;&lt;/script&gt;");
  EXPECT_EQ(escape_html("a\tb\nc \u00e9 \u732b"), "a\tb\nc \u00e9 \u732b");
}

TEST(Report, ShowsWhatTurnsTextRoundByItsNumber) {
  EXPECT_EQ(escape_html("a\u202Eb\u2066c\u200Fd"), "a[U+202E]b[U+2066]c[U+200F]d");
}

TEST(Report, ReplacesWhatHtmlDoesNotTake) {
  EXPECT_EQ(escape_html(std::string("a\0b\x1b"
                                    "c\x7f",
                                    6)),
            "a\uFFFDb\uFFFDc\uFFFD");
  EXPECT_EQ(escape_html("a\xff"
                        "b\uFEFF\uFFFF\U0001FFFE\u0085"),
            "a\uFFFDb\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(Report, EscapesTextsWhereverTheyStand) {
  const std::string bad = "</style></title><script>x</script>\"'><img src=x onerror=y>";
  const ReportExplanation explanation{.title = bad,
                                      .subtitle = bad,
                                      .outcome = bad,
                                      .channels = {{bad, 1.0}},
                                      .words = bad,
                                      .persona = bad,
                                      .persona_text = bad,
                                      .support = {{bad, bad}},
                                      .history = {{bad, bad}}};
  ReportChart chart = chart_of({{1, 2}, {2, 3}});
  chart.title = chart.description = chart.x_label = chart.y_label = chart.series.front().name = bad;
  ReportChart bars = chart;
  bars.kind = ChartKind::kBars;
  bars.categories = {bad, bad};
  const std::string html =
      report_html({.title = bad,
                   .subtitle = bad,
                   .sections = {{.id = "a",
                                 .title = bad,
                                 .blocks = {ReportNote{bad}, ReportFacts{{bad, bad, bad}},
                                            ReportTable{bad, {bad, bad}, {{bad, bad}}}, ReportCharts{chart, bars},
                                            ReportExplanations{explanation}}}},
                   .footer = bad});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_EQ(html.find("</style>"), html.rfind("</style>"));
}

TEST(Report, LoadsNothing) {
  const std::string html = html_of(ReportCharts{chart_of({{1, 2}, {2, 3}})});
  for (const char* word : {"http:", "https:", "url(", "@import", "src=", "<link", "<script", "<base"}) {
    EXPECT_THAT(html, Not(HasSubstr(word)));
  }
  EXPECT_THAT(html, HasSubstr("content=\"default-src 'none'; style-src 'unsafe-inline'"));
}

TEST(Report, GivesChartsTheirWordsAndFigures) {
  const std::string html = main_of(html_of(ReportCharts{chart_of({{1, 0.25, 0.2, 0.3}, {2, 0.5}})}));
  EXPECT_THAT(html, HasSubstr("role=\"img\"><title>Loss</title><desc>A line.</desc>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">1</th><td class=\"n\">0.250 [0.200, 0.300]</td>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">2</th><td class=\"n\">0.500</td>"));
}

TEST(Report, LeavesGapsWhereAPointIsMissing) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::string html = main_of(html_of(ReportCharts{chart_of({{0, none}, {1, 3}, {2, 2}})}));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, HasSubstr("<td class=\"n\">--</td>"));
}

TEST(Report, SaysInOneLineThatAChartHasNoFigures) {
  const std::string html = main_of(html_of(ReportCharts{chart_of({})}));
  EXPECT_THAT(html, HasSubstr("<p class=\"absent\">Loss: no figure to draw.</p>"));
  EXPECT_THAT(html, Not(HasSubstr("<figure")));
}

TEST(Report, NamesRowsAndColumnsOfTables) {
  const std::string html =
      main_of(html_of(ReportTable{.caption = "c", .columns = {"name", "n"}, .rows = {{"one", "1"}}}));
  EXPECT_THAT(html, HasSubstr("<caption>c</caption>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">name</th><th scope=\"col\" class=\"n\">n</th>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">one</th><td class=\"n\">1</td>"));
}

TEST(Report, RefusesToLeaveAnElementOpen) {
  Markup markup;
  markup.open("p");
  EXPECT_THROW((void)markup.take(), Error);
  markup.close();
  EXPECT_EQ(markup.take(), "<p></p>");
  EXPECT_THROW(markup.close(), Error);
}

TEST(ReportAxis, TicksAreRoundAndCoverTheValues) {
  EXPECT_THAT(round_ticks(0, 0.44, 5), ElementsAre(0, 0.1, 0.2, ::testing::DoubleEq(0.1 * 3), 0.4, 0.5));
  EXPECT_THAT(round_ticks(3, 3, 3), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(round_ticks(-12, 5, 3), ElementsAre(-20, -10, 0, 10));
  EXPECT_THAT(log_ticks(1, 100), ElementsAre(1, 2, 5, 10, 20, 50, 100));
  EXPECT_THAT(log_ticks(1, 21), ElementsAre(1, 2, 5, 10, 21));
  EXPECT_THAT(log_ticks(5, 5), ElementsAre(5));
}

TEST(ReportAxis, NumbersAreAsShortAsTheirStep) {
  EXPECT_EQ(tick_text(0.25, 0.05), "0.25");
  EXPECT_EQ(tick_text(0.1 * 3 - 0.3, 0.1), "0");
  EXPECT_EQ(tick_text(1500, 500), "1,500");
  EXPECT_EQ(tick_text(-2000, 1000), "-2,000");
  EXPECT_EQ(coordinate(12.04), "12");
  EXPECT_EQ(coordinate(-0.01), "0");
}

TEST(ReportAxis, MapsValuesToPlaces) {
  const Axis linear{.low = 0, .high = 10, .from = 100, .to = 0};
  EXPECT_DOUBLE_EQ(linear.at(2.5), 75);
  const Axis logarithmic{.low = 1, .high = 100, .from = 0, .to = 50, .logarithmic = true};
  EXPECT_DOUBLE_EQ(logarithmic.at(10), 25);
  EXPECT_DOUBLE_EQ((Axis{.low = 3, .high = 3, .from = 0, .to = 10}.at(3)), 5);
}

}  // namespace
}  // namespace persona4rec::test
