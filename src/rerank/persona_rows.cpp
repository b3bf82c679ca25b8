#include "rerank/persona_rows.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/parallel.hpp"
#include "matching/byte_dot.hpp"
#include "matching/half_dot.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;
constexpr std::size_t kRowsPerTask = 1024;
constexpr int kCollapse = 25;  // MADV_COLLAPSE, Linux 6.1: makes huge pages of what was written to small ones

bool is_zero(std::span<const Half> row) {
  return std::all_of(row.begin(), row.end(), [](Half value) { return (value & 0x7FFFU) == 0; });
}

}  // namespace

void PersonaRows::Free::operator()(void* memory) const {
  std::free(memory);
}

// Without huge pages, which the system may not have, the copy is as good as the mapping.
PersonaRows::HugePages PersonaRows::allocate(std::size_t bytes) {
  const std::size_t whole = std::max<std::size_t>(1, (bytes + kHugePage - 1) / kHugePage) * kHugePage;
  void* const memory = std::aligned_alloc(kHugePage, whole);
  if (memory == nullptr) {
    throw usage_error("rerank: no memory for " + std::to_string(whole) + " bytes of persona vectors; --vectors mapped");
  }
  (void)::madvise(memory, whole, MADV_HUGEPAGE);
  return HugePages(static_cast<std::byte*>(memory));
}

PersonaRows::PersonaRows(const std::filesystem::path& path, std::size_t rows, std::size_t dimensions)
    : file_(path, rows, dimensions) {
  if (rows > 0) halves_ = file_.row(0).data();
}

void PersonaRows::store(VectorStorage storage) {
  if (file_.rows() == 0) return;
  if (storage == VectorStorage::kMemory) copy();
  if (storage == VectorStorage::kEightBits) shorten();
}

template <class Work>
void PersonaRows::for_rows(const Work& work) const {
  parallel_ranges(file_.rows(), kRowsPerTask, 0, work);
}

void PersonaRows::copy() {
  copy_ = allocate(file_.rows() * file_.dimensions() * sizeof(Half));
  auto* const halves = reinterpret_cast<Half*>(copy_.get());
  for_rows([&](std::size_t begin, std::size_t end) {
    std::copy_n(file_.row(begin).data(), (end - begin) * file_.dimensions(), halves + begin * file_.dimensions());
  });
  (void)::madvise(copy_.get(), file_.rows() * file_.dimensions() * sizeof(Half), kCollapse);
  halves_ = halves;
}

void PersonaRows::shorten() {
  const std::size_t d = file_.dimensions();
  copy_ = allocate(file_.rows() * d);
  auto* const bytes = reinterpret_cast<std::int8_t*>(copy_.get());
  scales_.resize(file_.rows());
  for_rows([&](std::size_t begin, std::size_t end) {
    std::vector<float> values(d);
    for (std::size_t i = begin; i < end; ++i) {
      widen_halves(file_.row(i).data(), values.data(), d);
      scales_[i] = to_bytes(values, {bytes + i * d, d});
    }
  });
  (void)::madvise(copy_.get(), file_.rows() * d, kCollapse);
  bytes_ = bytes;
}

std::optional<float> PersonaRows::similarity(std::size_t row, std::span<const float> vector, std::size_t ahead) const {
  const std::size_t d = vector.size();
  if (bytes_ != nullptr) {
    if (scales_[row] == 0) return std::nullopt;
    return scales_[row] * byte_dot(bytes_ + row * d, vector.data(), d, bytes_ + ahead * d);
  }
  const Half* const halves = halves_ + row * d;
  const float found = half_dot(halves, vector.data(), d, halves_ + ahead * d);
  return found == 0 && is_zero({halves, d}) ? std::nullopt : std::optional(found);
}

}  // namespace persona4rec
