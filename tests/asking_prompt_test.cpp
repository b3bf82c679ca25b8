// asking/prompt: prompt files, rendered and refused.
#include "asking/prompt.hpp"

#include <gtest/gtest.h>

#include "persona4rec/error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;

TEST(Prompt, LoadsRendersAndRefuses) {
  TempDir dir;
  (void)dir.write("select.txt", "[system]\nBe brief.\n[user]\nPick for {{user}}.\n");
  (void)dir.write(
      "select.schema.json",
      R"({"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false})");
  const auto request = Prompt::load(dir.path(), "select").request({{"user", "u1"}}, "user u1", {});
  EXPECT_EQ(request.system, "Be brief.");
  EXPECT_EQ(request.user, "Pick for u1.");
  EXPECT_EQ(request.facts["user"], "u1");
  (void)dir.write(
      "select.schema.json",
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false})");
  EXPECT_THROW((void)Prompt::load(dir.path(), "select"), Error);
  EXPECT_THROW((void)Prompt::load(dir.path(), "absent"), Error);
}

}  // namespace
}  // namespace persona4rec
