#include "io/cache/mapped_lists.hpp"

#include <system_error>

namespace persona4rec {

void require_entries(const std::filesystem::path& begin, std::uint64_t entries, const std::filesystem::path& values,
                     std::size_t value_bytes) {
  std::error_code none_there;  // whoever opens it says so
  const auto bytes = std::filesystem::file_size(values, none_there);
  if (none_there || bytes / value_bytes >= entries) return;
  throw input_error({.file = begin.string()}, "ends at entry " + std::to_string(entries) + ", but " +
                                                  values.filename().string() + " has " +
                                                  std::to_string(bytes / value_bytes));
}

}  // namespace persona4rec
