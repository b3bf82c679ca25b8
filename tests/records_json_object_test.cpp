// records/json_object: objects with many keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "records/json_object.hpp"

namespace persona4rec {
namespace {

TEST(JsonObject, KeepsTheOrderOfKeysFewOrMany) {
  JsonObject object;
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(object.add("k" + std::to_string(i), i));
  EXPECT_FALSE(object.add("k3", "again"));
  object.set("k39", "new");
  object.set("k40", 40);
  const Json made = object.take();
  ASSERT_TRUE(made.is_object());
  EXPECT_EQ(made.size(), 41U);
  EXPECT_EQ(made["k3"], 3);
  EXPECT_EQ(made["k39"], "new");
  EXPECT_EQ(made.begin().key(), "k0");
  EXPECT_EQ(object.take(), Json::object());
}

}  // namespace
}  // namespace persona4rec
