#include "io/cache/id_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::TempDir;
using ::testing::HasSubstr;

TEST(IdTable, FindsEveryIdInMemoryAndMapped) {
  std::vector<std::string> ids = {"", "ü", "A", "a", std::string("a\0b", 3), "10", "9"};
  Rng rng(7);
  for (int i = 0; i < 500; ++i) ids.push_back("u" + std::to_string(rng.below(1'000'000'000)));
  const IdTable made(ids);
  const TempDir dir;
  made.write(dir.path(), "users");
  ASSERT_TRUE(IdTable::exists(dir.path(), "users"));
  const IdTable mapped(dir.path(), "users", ids.size());
  for (const auto* table : {&made, &mapped}) {
    ASSERT_EQ(table->rows(), ids.size());
    for (std::uint32_t row = 0; row < ids.size(); ++row) {
      EXPECT_EQ(table->id(row), ids[row]);
      EXPECT_EQ(table->find(ids[row]), row);
      EXPECT_EQ(table->find(ids[row] + "?"), std::nullopt);
    }
  }
}

TEST(IdTable, OfEqualIdsTheFirstIsFound) {
  EXPECT_EQ(IdTable(std::vector<std::string>{"b", "a", "b"}).find("b"), 0U);
}

TEST(IdTable, HoldsNothing) {
  const TempDir dir;
  EXPECT_FALSE(IdTable::exists(dir.path(), "users"));
  IdTable(std::vector<std::string>{}).write(dir.path(), "users");
  const IdTable mapped(dir.path(), "users", 0);
  EXPECT_EQ(mapped.rows(), 0U);
  EXPECT_EQ(mapped.find("u"), std::nullopt);
}

TEST(IdTable, SurvivesBeingMoved) {
  IdTable made(std::vector<std::string>{"b", "a"});
  const IdTable moved = std::move(made);
  EXPECT_EQ(moved.find("a"), 1U);
}

TEST(IdTable, RefusesBrokenFiles) {
  const TempDir dir;
  IdTable(std::vector<std::string>{"bb", "a", "c"}).write(dir.path(), "users");
  const auto offsets = [](std::vector<std::uint64_t> values) {
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::uint64_t));
  };
  const auto open = [&] { return IdTable(dir.path(), "users", 3); };
  EXPECT_THAT(input_error_of([&] { (void)IdTable(dir.path(), "users", 4); }), HasSubstr("users.ids.begin.u64.mmap"));
  for (const auto& begin : {offsets({1, 2, 3, 4}), offsets({0, 2, 3, 5}), offsets({0, 2, 3})}) {
    (void)dir.write("users.ids.begin.u64.mmap", begin);
    EXPECT_THAT(input_error_of([&] { (void)open(); }), HasSubstr("users.ids."));
  }
  (void)dir.write("users.ids.begin.u64.mmap", offsets({0, std::uint64_t{1} << 62U, 3, 4}));
  EXPECT_THAT(input_error_of([&] { (void)open().id(0); }), HasSubstr("ascend"));
  (void)dir.write("users.ids.begin.u64.mmap", offsets({0, 2, 3, 4}));
  (void)dir.write("users.ids.order.u32.mmap", std::string(12, '\x7F'));
  EXPECT_THAT(input_error_of([&] { (void)open().find("a"); }), HasSubstr("expected an order"));
}

}  // namespace
}  // namespace persona4rec
