// Lists of values in two files that are mapped: list i is [begin[i], begin[i + 1]) of the values. Opening them costs
// the same for ten lists and for ten million, and memory holds the pages that were looked at. Thread-safety: const use
// from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "io/mapped_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

// Throws Error kInput where the file `values` has fewer values than the offsets in `begin` end at. By division: an
// offset may be any number.
void require_entries(const std::filesystem::path& begin, std::uint64_t entries, const std::filesystem::path& values,
                     std::size_t value_bytes);

template <class T>
class MappedLists {
 public:
  MappedLists() = default;
  // `begin`: [lists + 1] u64; `values`: as many as its last one says. Throws Error kInput: missing, or of other sizes.
  // What the files say of a single list is checked when it is asked for.
  MappedLists(const std::filesystem::path& begin, const std::filesystem::path& values, std::size_t lists)
      : place_(begin.string()), begin_(begin, lists + 1) {
    if (begin_.values().front() != 0) throw input_error({.file = place_}, "expected 0 first");
    require_entries(begin, begin_.values().back(), values, sizeof(T));
    values_ = MappedArray<T>(values, begin_.values().back());
  }

  // REQUIRES: i < lists. Throws Error kInput where the files are broken there.
  [[nodiscard]] std::span<const T> operator[](std::size_t i) const {
    const auto first = begin_.values()[i];
    const auto end = begin_.values()[i + 1];
    if (first > end || end > values_.values().size()) {
      throw input_error({.file = place_}, "row " + std::to_string(i) + ": expected offsets that ascend");
    }
    return values_.values().subspan(first, end - first);
  }
  [[nodiscard]] const std::string& place() const { return place_; }  // of `begin`, for messages

 private:
  std::string place_;
  MappedArray<std::uint64_t> begin_;
  MappedArray<T> values_;
};

}  // namespace persona4rec
