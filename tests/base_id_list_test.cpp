// Many ids in few blocks: each one as it came, wherever the list goes.
#include "persona4rec/ids.hpp"

#include <gtest/gtest.h>

namespace persona4rec {
namespace {

TEST(IdList, HasEachIdAsItCame) {
  IdList<ItemId> ids;
  EXPECT_TRUE(ids.empty());
  for (int i = 0; i < 5000; ++i) ids.push_back(ItemId(std::string(static_cast<std::size_t>(i % 50), 'x'), i % 3 == 0));
  ids.push_back(ItemId(std::string(100'000, 'y')));  // longer than a block
  ids.push_back(ItemId("7", true));
  auto block = std::make_unique<char[]>(3);
  std::ranges::copy(std::string_view("abc"), block.get());
  ids.push_kept(IdText(std::string_view(block.get(), 2)));
  ids.keep(std::move(block));
  const IdList<ItemId> moved = std::move(ids);
  ASSERT_EQ(moved.size(), 5003U);
  for (std::size_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(moved[i].text(), std::string(i % 50, 'x'));
    EXPECT_EQ(moved[i].is_integer(), i % 3 == 0);
  }
  EXPECT_EQ(moved[5000].text(), std::string(100'000, 'y'));
  EXPECT_TRUE(moved[5001].is_integer());
  EXPECT_EQ(moved.texts()[5002].text(), "ab");
  EXPECT_EQ(moved.texts().size(), moved.size());
}

}  // namespace
}  // namespace persona4rec
