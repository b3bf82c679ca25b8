// A page to look at: plain data in, one HTML file out.
//
// The page is one file that holds its style and its charts (SVG): no script, no link, nothing that is loaded, so it
// says the same without a network, in a mail and under any content security policy. Light and dark as the reader's
// system, phone width, and print. Every text is escaped here, whoever wrote it: control characters and what turns the
// direction of text are shown by number. Equal data, equal bytes. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace persona4rec {

enum class NoteKind : std::uint8_t {
  kPlain,
  kAbsent,   // what is not there, and why
  kWarning,  // what a reader must know before the figures
};
struct ReportNote {
  std::string text;
  NoteKind kind = NoteKind::kPlain;
};

// The figures to read first: "NDCG@10", ".488", "+27.9 % against candidates".
struct ReportFact {
  std::string label;
  std::string value;
  std::string detail;
};
using ReportFacts = std::vector<ReportFact>;

// The first column's cells name their rows.
struct ReportTable {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // as wide as `columns`
  std::size_t text_columns = 1;       // the first so many are text; those behind them numbers, set to the right
  std::size_t tail_text_columns = 0;  // the last so many are text again
};

inline constexpr double kNoBound = std::numeric_limits<double>::quiet_NaN();
struct ChartPoint {
  double x = 0;           // of a line; of bars the place in `categories`
  double y = 0;           // NaN = no point
  double low = kNoBound;  // of an interval; NaN = none
  double high = kNoBound;
};
struct ChartSeries {
  std::string name;
  std::size_t color = 0;  // 0 = the quiet one, for what the others are compared with
  std::vector<ChartPoint> points;
};

enum class ChartKind : std::uint8_t { kLines, kBars };
struct ReportChart {
  ChartKind kind = ChartKind::kLines;
  std::string title;
  std::string description;  // what it shows, for those who do not see it
  std::string x_label;
  std::string y_label;
  std::string value_format = "%.3f";    // printf, of one double
  bool log_x = false;                   // of lines; REQUIRES x > 0
  bool from_zero = false;               // of lines; bars always stand on 0
  std::vector<std::string> categories;  // of bars
  std::vector<ChartSeries> series;
};

// A row of charts side by side where there is room.
using ReportCharts = std::vector<ReportChart>;

struct ExplainedReview {
  std::string head;  // "5 stars, user u51"
  std::string text;
};
// One recommendation and what speaks for it.
struct ReportExplanation {
  std::string title;                                     // of the item
  std::string subtitle;                                  // ids and places
  std::string outcome;                                   // what the user took
  bool hit = false;                                      // it was this item
  std::vector<std::pair<std::string, double>> channels;  // what each adds to the score
  std::string words;                                     // in common; may be empty
  std::string persona;                                   // its name; empty = none matched
  std::string persona_text;
  std::vector<ExplainedReview> support;
  std::vector<ExplainedReview> history;
};
using ReportExplanations = std::vector<ReportExplanation>;

using ReportBlock = std::variant<ReportNote, ReportFacts, ReportTable, ReportCharts, ReportExplanations>;
struct ReportSection {
  std::string id;  // for links within the page: letters and "-", unique
  std::string title;
  std::vector<ReportBlock> blocks;
};

struct ReportPage {
  std::string title;
  std::string subtitle;
  std::vector<ReportSection> sections;
  std::string footer;
};

// REQUIRES: rows as wide as their table. Ends with a newline.
[[nodiscard]] std::string report_html(const ReportPage& page);

}  // namespace persona4rec
