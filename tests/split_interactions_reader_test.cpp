#include "split/interactions_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

TEST(InteractionsReader, ADuplicateUserLineIsAnError) {
  const test::TempDir dir;
  const std::string line = R"({"user_id":"u1","reviews":[]})";
  JsonlReader reader(dir.write("h.jsonl", line + "\n" + line + "\n"));
  try {
    (void)read_history_interactions(reader);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_THAT(error.what(), testing::HasSubstr("h.jsonl:2: field \"user_id\""));
  }
}

}  // namespace
}  // namespace persona4rec
