#include "io/cache/id_table.hpp"

#include <algorithm>
#include <numeric>

#include "io/output_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

fs::path bytes_file(const fs::path& folder, const std::string& name) {
  return folder / (name + ".ids.bytes.mmap");
}
fs::path begin_file(const fs::path& folder, const std::string& name) {
  return folder / (name + ".ids.begin.u64.mmap");
}
fs::path order_file(const fs::path& folder, const std::string& name) {
  return folder / (name + ".ids.order.u32.mmap");
}

template <class T>
std::string_view as_bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

IdTable::IdTable(const fs::path& folder, const std::string& name, std::size_t rows)
    : mapped_(true),
      mapped_ids_(begin_file(folder, name), bytes_file(folder, name), rows),
      mapped_order_(order_file(folder, name), rows) {}

IdTable::IdTable(const std::vector<std::string>& ids) : order_(ids.size()) {
  for (const auto& id : ids) {
    bytes_ += id;
    begin_.push_back(bytes_.size());
  }
  std::iota(order_.begin(), order_.end(), 0U);
  std::ranges::sort(order_, [&](auto a, auto b) { return ids[a] != ids[b] ? ids[a] < ids[b] : a < b; });
}

bool IdTable::exists(const fs::path& folder, const std::string& name) {
  return fs::exists(order_file(folder, name));
}

std::span<const std::uint32_t> IdTable::order() const {
  return mapped_ ? mapped_order_.values() : order_;
}

std::string_view IdTable::id(std::size_t row) const {
  if (!mapped_) return std::string_view(bytes_).substr(begin_[row], begin_[row + 1] - begin_[row]);
  const auto bytes = mapped_ids_[row];
  return {bytes.data(), bytes.size()};
}

std::optional<std::uint32_t> IdTable::find(std::string_view id) const {
  const auto rows = order();
  const auto id_of = [&](std::uint32_t row) {
    if (row >= rows.size()) throw input_error({.file = mapped_ids_.place()}, "expected an order of its rows beside it");
    return this->id(row);
  };
  const auto found = std::ranges::lower_bound(rows, id, {}, id_of);
  if (found == rows.end() || id_of(*found) != id) return std::nullopt;
  return *found;
}

void IdTable::write(const fs::path& folder, const std::string& name) const {
  write_folder_file(bytes_file(folder, name), bytes_);
  write_folder_file(begin_file(folder, name), as_bytes(begin_));
  write_folder_file(order_file(folder, name), as_bytes(order_));
}

}  // namespace persona4rec
