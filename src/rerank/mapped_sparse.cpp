#include "rerank/mapped_sparse.hpp"

#include <algorithm>

#include "io/cache/cache_names.hpp"
#include "io/cache/mapped_lists.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

MappedSparseMatrix::MappedSparseMatrix(const std::filesystem::path& folder, const std::string& name, std::size_t rows)
    : begin_(folder / cache_names::begin_file(name), rows + 1) {
  const auto begin = begin_.values();
  if (begin.front() != 0 || !std::is_sorted(begin.begin(), begin.end())) {
    throw input_error({.file = (folder / cache_names::begin_file(name)).string()}, "holds no ascending row offsets");
  }
  const auto terms_file = folder / cache_names::terms_file(name);
  require_entries(folder / cache_names::begin_file(name), begin.back(), terms_file, sizeof(std::uint32_t));
  terms_ = MappedArray<std::uint32_t>(terms_file, begin.back());
  weights_ = MappedArray<float>(folder / cache_names::weights_file(name), begin.back());
}

}  // namespace persona4rec
