// A CSR matrix of the cache (io/cache/cache_names.hpp), mapped. Thread-safety: const use from any thread.
#pragma once

#include <filesystem>
#include <string>

#include "io/mapped_file.hpp"
#include "lexical/sparse.hpp"

namespace persona4rec {

class MappedSparseMatrix {
 public:
  MappedSparseMatrix() = default;
  // Throws Error kInput: missing files, sizes that do not fit each other, row offsets that do not ascend.
  MappedSparseMatrix(const std::filesystem::path& folder, const std::string& name, std::size_t rows);

  [[nodiscard]] SparseView row(std::size_t i) const {
    const auto begin = begin_.values()[i];
    const auto size = begin_.values()[i + 1] - begin;
    return {terms_.values().subspan(begin, size), weights_.values().subspan(begin, size)};
  }
  // Begin to load what fetch() reads of a row, and a row that is soon asked for, into the processor's cache.
  void fetch_place(std::size_t i) const { __builtin_prefetch(begin_.values().data() + i); }
  void fetch(std::size_t i) const {
    constexpr std::size_t kLine = 16;  // values in a line of the cache
    constexpr int kSecondLevel = 2;    // as matching/row_dot.hpp has it
    const auto to_come = row(i);
    for (std::size_t t = 0; t < to_come.size(); t += kLine) {
      __builtin_prefetch(to_come.terms.data() + t, 0, kSecondLevel);
      __builtin_prefetch(to_come.weights.data() + t, 0, kSecondLevel);
    }
  }

 private:
  MappedArray<std::uint64_t> begin_;
  MappedArray<std::uint32_t> terms_;
  MappedArray<float> weights_;
};

}  // namespace persona4rec
