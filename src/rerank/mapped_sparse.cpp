#include "rerank/mapped_sparse.hpp"

#include <algorithm>

#include "io/cache/cache_names.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

MappedSparseMatrix::MappedSparseMatrix(const std::filesystem::path& folder, const std::string& name, std::size_t rows)
    : begin_(folder / cache_names::begin_file(name), rows + 1) {
  const auto begin = begin_.values();
  if (begin.front() != 0 || !std::is_sorted(begin.begin(), begin.end())) {
    throw input_error({.file = (folder / cache_names::begin_file(name)).string()}, "holds no ascending row offsets");
  }
  // Compared before anything is multiplied: an offset may be any number.
  const auto terms_file = folder / cache_names::terms_file(name);
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(terms_file, ignored);
  if (!ignored && bytes / sizeof(std::uint32_t) < begin.back()) {
    throw input_error({.file = (folder / cache_names::begin_file(name)).string()},
                      "ends at entry " + std::to_string(begin.back()) + ", but " + terms_file.filename().string() +
                          " has " + std::to_string(bytes / sizeof(std::uint32_t)));
  }
  terms_ = MappedArray<std::uint32_t>(folder / cache_names::terms_file(name), begin.back());
  weights_ = MappedArray<float>(folder / cache_names::weights_file(name), begin.back());
}

}  // namespace persona4rec
