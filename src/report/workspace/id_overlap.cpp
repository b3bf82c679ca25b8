#include "report/workspace/id_overlap.hpp"

#include <algorithm>
#include <utility>

#include "base/format.hpp"

namespace persona4rec {

std::size_t IdOverlap::add_set(std::string name, bool is_column) {
  sets_.push_back({.name = std::move(name), .is_column = is_column});
  return sets_.size() - 1;
}

void IdOverlap::add(std::size_t set, std::string_view id) {
  masks_[std::string(id)] |= std::uint32_t{1} << set;
}

std::uint64_t IdOverlap::count(std::uint32_t mask) const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(masks_, [mask](const auto& entry) { return (entry.second & mask) == mask; }));
}

ReportTable IdOverlap::table(const std::string& caption, const std::string& what) const {
  ReportTable table{.caption = caption, .columns = {"Ids of", what}, .rows = {}};
  for (const auto& set : sets_) {
    if (set.is_column) table.columns.push_back("also in " + set.name);
  }
  for (std::size_t row = 0; row < sets_.size(); ++row) {
    const std::uint32_t own = std::uint32_t{1} << row;
    const std::uint64_t all = count(own);
    std::vector<std::string> cells{sets_[row].name, with_commas(all)};
    for (std::size_t column = 0; column < sets_.size(); ++column) {
      if (!sets_[column].is_column) continue;
      const std::uint64_t both = count(own | (std::uint32_t{1} << column));
      const double share = 100 * static_cast<double>(both) / static_cast<double>(std::max<std::uint64_t>(all, 1));
      const std::string text = with_commas(both) + " (" + fixed_text(share, 1) + " %)";
      cells.push_back(row == column || all == 0 ? "" : text);
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace persona4rec
