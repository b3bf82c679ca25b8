#pragma once

#include <cstddef>
#include <fstream>

namespace persona4rec::test {

// Of this process now, in pages of 4 KiB.
inline std::size_t resident_pages() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  file >> size >> resident;
  return resident;
}

}  // namespace persona4rec::test
