// Tables of a cache that do not fit: each is an error with its file and line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "persona4rec/error.hpp"
#include "persona4rec/rerank.hpp"
#include "support/input_error.hpp"
#include "support/rerank_fixture.hpp"
#include "support/rows.hpp"

namespace persona4rec {
namespace {

using test::list;
using test::message_of;
using test::small_cache;
using ::testing::HasSubstr;

struct BadTable {
  const char* name;
  const char* file;
  std::function<std::string(const std::string&)> change;
  const char* message;
};
class RerankBadTables : public test::RerankFixture, public ::testing::WithParamInterface<BadTable> {};

TEST_P(RerankBadTables, AreErrorsWithTheirPlace) {
  const auto path = options_.cache / GetParam().file;
  write_file(path, GetParam().change(test::read_file(path)));
  try {
    (void)run(list("u", {{"i1", 1}, {"i3", 2}}));
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}

std::string with_line_again(const std::string& text) {
  return text + text.substr(0, text.find('\n') + 1);
}
std::string without_last_line(const std::string& text) {
  return text.substr(0, text.rfind('\n', text.size() - 2) + 1);
}
// The 64-bit number at `index`, replaced.
std::string with_offset(std::string bytes, std::size_t index, std::uint64_t value) {
  bytes.replace(index * 8, 8, reinterpret_cast<const char*>(&value), 8);
  return bytes;
}
std::string with_field(const std::string& text, const char* name, const Json& value) {
  Json json = Json::parse(text);
  json[name] = value;
  return json.dump();
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RerankBadTables,
    ::testing::Values(
        BadTable{"items_row_repeated", "words/items.jsonl", with_line_again, ":5: field \"item_id\""},
        BadTable{"items_row_surplus", "words/items.jsonl",
                 [](const std::string& text) { return text + "{\"item_id\":\"more\"}\n"; }, "expected 4 items"},
        BadTable{"items_row_missing", "words/items.jsonl", without_last_line, "expected 4 items"},
        BadTable{"users_row_repeated", "user_profile/test/users.jsonl", with_line_again, ":5: field \"user_id\""},
        BadTable{"users_row_surplus", "user_profile/test/users.jsonl",
                 [](const std::string& text) { return text + "{\"user_id\":\"more\"}\n"; }, "expected 4 users"},
        BadTable{"persona_repeated", "item_persona/personas.jsonl",
                 [](const std::string& text) {
                   const auto end = text.find('\n') + 1;
                   return text.substr(0, end) + text.substr(0, end) + text.substr(text.find('\n', end) + 1);
                 },
                 ":2: field \"uid\""},
        BadTable{"offset_of_bit_62", "words/items.begin.u64.mmap",
                 [](const std::string& bytes) { return with_offset(bytes, 4, std::uint64_t{1} << 62U); },
                 "4611686018427387904"},
        BadTable{
            "offset_that_wraps", "words/users.test.begin.u64.mmap",
            [](const std::string& bytes) { return with_offset(bytes, 4, (std::uint64_t{1} << 62U) + bytes.size()); },
            "ends at entry"},
        BadTable{"offsets_that_fall", "words/items.begin.u64.mmap",
                 [](const std::string& bytes) { return with_offset(bytes, 1, 99); }, "ascending"},
        BadTable{"dim_of_2_63_and_32", "item_persona/cache_meta.json",
                 [](const std::string& text) { return with_field(text, "dim", (std::uint64_t{1} << 63U) + 32); },
                 "dim"},
        BadTable{"terms_of_2_62", "words/cache_meta.json",
                 [](const std::string& text) { return with_field(text, "terms_test", std::uint64_t{1} << 62U); },
                 "terms"},
        BadTable{"negative_rows", "words/cache_meta.json",
                 [](const std::string& text) { return with_field(text, "rows", -1); }, "rows"}),
    [](const auto& info) { return std::string(info.param.name); });

using RerankTables = test::RerankFixture;

TEST_F(RerankTables, BrokenWordVectorsAreFound) {
  auto cache = small_cache();
  cache.items[0].words = {{99, 1.0F}};
  cache.write(options_.cache);
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput), HasSubstr("broken"));
}

}  // namespace
}  // namespace persona4rec
