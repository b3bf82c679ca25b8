#include "base/bulk/huge_pages.hpp"

#include <sys/mman.h>

#include <memory>

namespace persona4rec {

void prefer_huge_pages(void* memory, std::size_t bytes) {
  constexpr std::size_t kHugePage = std::size_t{2} << 20U;
  if (std::align(kHugePage, kHugePage, memory, bytes) == nullptr) return;
  (void)::madvise(memory, bytes - bytes % kHugePage, MADV_HUGEPAGE);
}

}  // namespace persona4rec
