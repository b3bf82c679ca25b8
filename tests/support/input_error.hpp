// What a call is refused with.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "persona4rec/error.hpp"

namespace persona4rec::test {

// The message of the Error kInput that `body` throws; "no error" when it throws none.
inline std::string input_error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput) << error.what();
    return error.what();
  }
  return "no error";
}

// The message of the Error of `kind` that `body` must throw.
inline std::string message_of(const std::function<void()>& body, ErrorKind kind) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

}  // namespace persona4rec::test
