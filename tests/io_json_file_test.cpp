#include "io/json_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "io/artifacts.hpp"
#include "io/provenance.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::TempDir;
using testing::HasSubstr;

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonFile, NestingOf100000LevelsIsAnError) {
  const TempDir dir;
  for (const char* open : {"[", "{\"a\":"}) {
    std::string text = "{\"a\":";
    for (int i = 0; i < 100000; ++i) text += open;
    const auto path = dir.write("deep.json", text);
    EXPECT_THAT(input_error_of([&] { (void)read_json_file(path); }),
                HasSubstr("deep.json: JSON nested more than 200 levels"));
    EXPECT_TRUE(parse_json_or_discarded(text).is_discarded());
  }
  EXPECT_FALSE(is_too_deep(nested(kMaxJsonDepth)));
  EXPECT_TRUE(is_too_deep(nested(kMaxJsonDepth + 1)));
  EXPECT_FALSE(is_too_deep("\"" + std::string(1000, '[') + "\\\"[\"")) << "brackets in strings are text";
}

TEST(JsonFile, SaysWhatIsWrong) {
  const TempDir dir;
  const auto error = [&](const std::string& bytes) {
    return input_error_of([&] { (void)read_json_file(dir.write("x.json", bytes)); });
  };
  EXPECT_THAT(error("{\"a\":1"), HasSubstr("x.json: expected one JSON object, got broken JSON"));
  EXPECT_THAT(error("[]"), HasSubstr("x.json: expected one JSON object"));
  EXPECT_THAT(error("{\"a\":1e999}"), HasSubstr("a number beyond what a double can be"));
  EXPECT_THAT(input_error_of([&] { (void)read_json_file(dir / "absent"); }),
              HasSubstr("cannot be opened: No such file"));
  EXPECT_THAT(input_error_of([&] { (void)read_json_file(dir.path()); }), HasSubstr("is a directory"));
}

TEST(JsonFile, WrongTypesAreNamedWithFileAndField) {
  constexpr std::array kFields = {JsonField{"name", JsonKind::kText},       JsonField{"rows", JsonKind::kCount},
                                  JsonField{"on", JsonKind::kFlag},         JsonField{"rate", JsonKind::kNumber},
                                  JsonField{"of", JsonKind::kTexts},        JsonField{"lists", JsonKind::kTextArrays},
                                  JsonField{"options.k", JsonKind::kCount}, JsonField{"options", JsonKind::kObject}};
  const auto error = [&](const char* text) {
    return input_error_of([&] { check_fields(Json::parse(text), {.file = "x.json"}, kFields); });
  };
  EXPECT_EQ(error(R"({"name":"n","rows":1,"on":true,"rate":1.5,"of":{"a":"b"},"lists":{"a":["b"]},"options":{"k":3}})"),
            "no error");
  EXPECT_EQ(error("{}"), "no error");
  EXPECT_THAT(error(R"({"name":5})"), HasSubstr("x.json: field \"name\": expected a string, got 5"));
  EXPECT_THAT(error(R"({"name":null})"), HasSubstr("expected a string, got null"));
  EXPECT_THAT(error(R"({"rows":-1})"), HasSubstr("expected an integer >= 0, got -1"));
  EXPECT_THAT(error(R"({"of":{"a":1}})"), HasSubstr("expected an object of strings, got an object"));
  EXPECT_THAT(error(R"({"lists":{"a":[1]}})"), HasSubstr("expected an object of arrays of strings"));
  EXPECT_THAT(error(R"({"options":{"k":"3"}})"), HasSubstr("field \"options.k\": expected an integer >= 0"));
  EXPECT_THAT(error(R"({"options":[]})"), HasSubstr("field \"options\": expected an object"));
}

TEST(JsonFile, StringAtIsEmptyWhereThereIsNone) {
  const Json object = {{"a", "b"}, {"n", 1}};
  EXPECT_EQ(string_at(object, "a"), "b");
  EXPECT_EQ(string_at(object, "n"), "");
  EXPECT_EQ(string_at(object, "x"), "");
  EXPECT_EQ(string_at(Json::array(), "a"), "");
}

TEST(ReadMeta, WrongTypesInAMetaFileAreNamed) {
  const TempDir dir;
  const auto artifact = dir.write("a.jsonl", "{}\n");
  const auto error = [&](const char* text) {
    (void)dir.write("a.jsonl.meta.json", text);
    return input_error_of([&] {
      Provenance provenance("test", false);
      provenance.input("a", artifact);
    });
  };
  EXPECT_THAT(error(R"({"sha256":[]})"), HasSubstr("a.jsonl.meta.json: field \"sha256\": expected a string"));
  EXPECT_THAT(error(R"({"lineage":{"b":1}})"), HasSubstr("field \"lineage\": expected an object of strings"));
  EXPECT_THAT(error(R"({"options":{"for":1}})"), HasSubstr("field \"options.for\""));
  EXPECT_THAT(error(("{\"options\":" + nested(100000) + "}").c_str()), HasSubstr("nested more than"));
  EXPECT_TRUE(read_meta("-").is_null());
}

}  // namespace
}  // namespace persona4rec
