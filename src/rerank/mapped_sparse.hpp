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
  // Begins to load a row that is soon asked for into the processor's cache.
  void fetch(std::size_t i) const {
    constexpr std::size_t kLine = 16;  // values in a line of the cache
    const auto to_come = row(i);
    for (std::size_t t = 0; t < to_come.size(); t += kLine) {
      __builtin_prefetch(to_come.terms.data() + t);
      __builtin_prefetch(to_come.weights.data() + t);
    }
  }

 private:
  MappedArray<std::uint64_t> begin_;
  MappedArray<std::uint32_t> terms_;
  MappedArray<float> weights_;
};

}  // namespace persona4rec
