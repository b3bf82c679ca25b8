// Memory of several MiB in huge pages, where the system has them: a page of 4 KiB costs a fault when it is first
// written to, and its address a search in a table. Thread-safe.
#pragma once

#include <cstddef>
#include <vector>

namespace persona4rec {

// For what is not yet written to; without huge pages nothing changes.
void prefer_huge_pages(void* memory, std::size_t bytes);

// Room for so many values.
template <class T>
void reserve_huge(std::vector<T>& values, std::size_t room) {
  values.reserve(room);
  prefer_huge_pages(values.data(), values.capacity() * sizeof(T));
}

}  // namespace persona4rec
