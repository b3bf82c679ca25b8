#include "report/page/table.hpp"

#include <cstddef>

namespace persona4rec {
namespace {

bool is_number(const ReportTable& table, std::size_t column) {
  return column >= table.text_columns && column + table.tail_text_columns < table.columns.size();
}

void write_row(Markup& out, const ReportTable& table, const std::vector<std::string>& row) {
  out.open("tr");
  for (std::size_t c = 0; c < row.size(); ++c) {
    const bool wide = c + table.tail_text_columns >= row.size();
    const std::string_view css = is_number(table, c) ? "n" : wide ? "wide" : "";
    if (c == 0) {
      out.leaf("th", row[c], {{"scope", "row"}});
    } else {
      out.leaf("td", row[c], {{"class", css}});
    }
  }
  out.close();
}

}  // namespace

void write_table(Markup& out, const ReportTable& table) {
  out.open("div", {{"class", "scroll"}, {"role", "region"}, {"aria-label", table.caption}, {"tabindex", "0"}});
  out.open("table");
  out.leaf("caption", table.caption);
  out.open("thead");
  out.open("tr");
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    out.leaf("th", table.columns[c], {{"scope", "col"}, {"class", is_number(table, c) ? "n" : ""}});
  }
  out.close();
  out.close();
  out.open("tbody");
  for (const auto& row : table.rows) write_row(out, table, row);
  out.close();
  out.close();
  out.close();
}

}  // namespace persona4rec
