// asking/prompt: prompt files, rendered and refused.
#include "asking/prompt.hpp"

#include <gtest/gtest.h>

#include "persona4rec/error.hpp"
#include "support/input_error.hpp"
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

TEST(Prompt, ASchemaWithAKeywordOfTheWrongTypeIsRefusedByItsName) {
  TempDir dir;
  (void)dir.write("select.txt", "[system]\nBe brief.\n[user]\nPick.\n");
  const auto refusal = [&](const std::string& keyword) {
    (void)dir.write("select.schema.json", R"({"type":"object","properties":{"a":{"type":"string",)" + keyword +
                                              R"(}},"required":["a"],"additionalProperties":false})");
    return test::message_of([&] { (void)Prompt::load(dir.path(), "select"); }, ErrorKind::kUsage);
  };
  for (const char* keyword :
       {R"("enum":7)", R"("enum":[])", R"("required":"a")", R"("required":[1])", R"("minLength":-1)",
        R"("maxLength":"9")", R"("minItems":1.5)", R"("pattern":1)", R"("properties":[])",
        R"("additionalProperties":"no")", R"("items":3)", R"("description":[])"}) {
    const std::string message = refusal(keyword);
    EXPECT_NE(message.find("select.schema.json"), std::string::npos) << keyword << ": " << message;
    EXPECT_NE(message.find("expected"), std::string::npos) << keyword << ": " << message;
  }
  for (const char* type : {"2", "null", "[]", R"(["string",3])", R"("text")", "{}"}) {
    (void)dir.write("select.schema.json", R"({"type":)" + std::string(type) + "}");
    EXPECT_THROW((void)Prompt::load(dir.path(), "select"), Error) << type;
  }
}

}  // namespace
}  // namespace persona4rec
