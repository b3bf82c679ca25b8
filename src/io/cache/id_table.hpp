// Ids by row, and the row of an id, in three files that are mapped: opening them costs the same for ten ids and for ten
// million, and memory holds the pages that were looked at.
//
//   <name>.ids.bytes.mmap      the ids, one behind the other, in the order of the rows
//   <name>.ids.begin.u64.mmap  [rows + 1] where each begins
//   <name>.ids.order.u32.mmap  [rows] the rows in the byte order of their ids
// Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/cache/mapped_lists.hpp"
#include "io/mapped_file.hpp"

namespace persona4rec {

class IdTable {
 public:
  IdTable() = default;
  // Mapped. Throws Error kInput: missing, or of other sizes than `rows` says. What the files say of a single id is
  // checked when it is asked for.
  IdTable(const std::filesystem::path& folder, const std::string& name, std::size_t rows);
  // In memory. REQUIRES: fewer than 2^32 ids.
  explicit IdTable(const std::vector<std::string>& ids);

  static bool exists(const std::filesystem::path& folder, const std::string& name);

  [[nodiscard]] std::size_t rows() const { return order().size(); }
  // REQUIRES: row < rows(). Throws Error kInput where the files are broken there.
  [[nodiscard]] std::string_view id(std::size_t row) const;
  // Of equal ids the first row. Throws Error kInput where the files are broken.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view id) const;

  // Files of an OutputFolder (OutputFile::in_folder). REQUIRES: in memory. Throws Error kOutput.
  void write(const std::filesystem::path& folder, const std::string& name) const;

 private:
  [[nodiscard]] std::span<const std::uint32_t> order() const;

  bool mapped_ = false;
  MappedLists<char> mapped_ids_;
  MappedArray<std::uint32_t> mapped_order_;
  std::string bytes_;  // these three: in memory
  std::vector<std::uint64_t> begin_ = {0};
  std::vector<std::uint32_t> order_;
};

}  // namespace persona4rec
