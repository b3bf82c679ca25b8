// Rows set down in a temporary file and read back in another order.
#include "io/rows/row_spool.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "persona4rec/error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;

TEST(RowSpool, GivesRowsBackInAnyOrderAndLeavesNoFile) {
  TempDir dir;
  RowSpool spool(dir / "out.jsonl");
  for (int i = 0; i < 2000; ++i) {
    const SummaryRow row{ItemId(std::to_string(i)), "title ü", std::string(static_cast<std::size_t>(i % 300), 'x'), ""};
    EXPECT_EQ(spool.append(to_json(row)), static_cast<std::size_t>(i));
  }
  for (const std::size_t i : {1999UL, 0UL, 777UL, 0UL}) {
    const auto row = spool.row<SummaryRow>(i);
    EXPECT_EQ(row.item_id.text(), std::to_string(i));
    EXPECT_EQ(row.item_description.size(), i % 300);
  }
  spool.append(to_json(SummaryRow{ItemId("late"), "", "", ""}));
  EXPECT_EQ(spool.row<SummaryRow>(2000).item_id.text(), "late");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(RowSpool, IsReadByAnyThreadOnceItIsFinished) {
  TempDir dir;
  RowSpool spool(dir / "out.jsonl");
  for (int i = 0; i < 500; ++i) spool.append(to_json(SummaryRow{ItemId(std::to_string(i)), "title", "", ""}));
  spool.finish();
  std::vector<std::size_t> wrong(4, 0);
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      SpoolReader reader(spool);
      for (std::size_t i = t; i < spool.size(); i += 3) {
        const bool same = reader.row<SummaryRow>(i).item_id.text() == std::to_string(i) &&
                          reader.line().size() == spool.byte_count(i);
        wrong[t] += same ? 0 : 1;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, std::vector<std::size_t>(4, 0));
  EXPECT_EQ(spool.byte_count(0, 2), spool.bytes(0).size() + spool.bytes(1).size());
}

TEST(RowSpool, AFolderThatCannotBeWrittenIsAnOutputError) {
  TempDir dir;
  const auto file = dir.write("file", "x");
  EXPECT_THROW(RowSpool(file / "out.jsonl"), Error);
}

}  // namespace
}  // namespace persona4rec
