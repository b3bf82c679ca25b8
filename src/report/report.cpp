#include "persona4rec/report.hpp"

#include <type_traits>

#include "report/page/chart.hpp"
#include "report/page/explanation.hpp"
#include "report/page/markup.hpp"
#include "report/page/page_style.hpp"
#include "report/page/table.hpp"

namespace persona4rec {
namespace {

// Nothing is loaded and nothing runs, even if a text should ever come through unescaped.
constexpr const char* kHead =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n";

class PageWriter {
 public:
  explicit PageWriter(const ReportPage& page) : page_(page) {}

  std::string html() {
    out_.trusted(kHead);
    out_.trusted("<title>" + escape_html(page_.title) + "</title>\n<style>");
    out_.trusted(page_style());
    out_.trusted("</style>\n</head>\n");
    out_.open("body");
    write_header();
    out_.open("main");
    for (const auto& section : page_.sections) write_section(section);
    out_.close();
    out_.open("footer");
    out_.leaf("p", page_.footer);
    out_.close();
    out_.close();
    out_.trusted("\n</html>\n");
    return out_.take();
  }

 private:
  void write_header() {
    out_.open("header");
    out_.leaf("h1", page_.title);
    out_.leaf("p", page_.subtitle, {{"class", "subtitle"}});
    out_.close();
    out_.open("nav", {{"aria-label", "Sections"}});
    out_.open("ul");
    for (const auto& section : page_.sections) {
      out_.open("li");
      out_.leaf("a", section.title, {{"href", "#" + section.id}});
      out_.close();
    }
    out_.close();
    out_.close();
  }

  void write_section(const ReportSection& section) {
    out_.trusted("\n");
    out_.open("section", {{"id", section.id}, {"aria-labelledby", section.id + "-head"}});
    out_.leaf("h2", section.title, {{"id", section.id + "-head"}});
    for (const auto& block : section.blocks) {
      out_.trusted("\n");
      std::visit([this](const auto& value) { write(value); }, block);
    }
    out_.close();
  }

  void write(const ReportNote& note) {
    const char* css = note.kind == NoteKind::kAbsent ? "absent" : note.kind == NoteKind::kWarning ? "warning" : "";
    out_.leaf("p", note.text, {{"class", css}});
  }

  void write(const ReportFacts& facts) {
    out_.open("ul", {{"class", "facts"}});
    for (const auto& fact : facts) {
      out_.open("li");
      out_.leaf("span", fact.label, {{"class", "name"}});
      out_.text(" ");
      out_.leaf("strong", fact.value);
      out_.text(" ");
      if (!fact.detail.empty()) out_.leaf("span", fact.detail, {{"class", "detail"}});
      out_.close();
    }
    out_.close();
  }

  void write(const ReportTable& table) { write_table(out_, table); }

  void write(const ReportCharts& charts) {
    out_.open("div", {{"class", "charts"}});
    for (const auto& chart : charts) write_chart(out_, chart);
    out_.close();
  }

  void write(const ReportExplanations& explanations) { write_explanations(out_, explanations); }

  const ReportPage& page_;
  Markup out_;
};

}  // namespace

std::string report_html(const ReportPage& page) {
  return PageWriter(page).html();
}

}  // namespace persona4rec
