// Which ids stand in which of a few sets. Thread-safety: one object, one thread. Memory: every id once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "persona4rec/report.hpp"

namespace persona4rec {

class IdOverlap {
 public:
  static constexpr std::size_t kMostSets = 32;

  // A further set. `is_column`: the table says of every set how much of it is in this one. REQUIRES: fewer than
  // kMostSets so far.
  std::size_t add_set(std::string name, bool is_column);
  void add(std::size_t set, std::string_view id);

  // A row for each set, "1,234 (98.5 %)" in the columns of other sets.
  [[nodiscard]] ReportTable table(const std::string& caption, const std::string& what) const;

 private:
  struct Set {
    std::string name;
    bool is_column;
  };
  [[nodiscard]] std::uint64_t count(std::uint32_t mask) const;  // ids that are in all of these sets

  std::vector<Set> sets_;
  std::unordered_map<std::string, std::uint32_t> masks_;
};

}  // namespace persona4rec
