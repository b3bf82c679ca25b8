// Test inputs that live beside a checkout and are never committed; tests that use them skip where they are absent.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "support/paths.hpp"

namespace persona4rec::test {

inline std::filesystem::path shared_data() {
  return source_dir() / ".." / "shared" / "data";
}

}  // namespace persona4rec::test

// Skips the running test unless shared_data()/NAME exists.
#define P4R_NEED_SHARED(NAME)                                                                         \
  if (!std::filesystem::exists(persona4rec::test::shared_data() / (NAME)))                            \
  GTEST_SKIP() << "needs " << (persona4rec::test::shared_data() / (NAME)).lexically_normal().string() \
               << ", which is not beside this checkout"
