// Prices and the arithmetic of a budget.
#include "llm/money/budget.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "persona4rec/error.hpp"
#include "support/llm_requests.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::error_of;
using test::TempDir;

TEST(Prices, FindsAModelByNameAndByItsDatedName) {
  const TempDir folder;
  const auto file = folder.write("prices.json", R"({"models": {"gpt-4o": {"input": 2.5, "output": 10},
    "gpt-4o-mini": {"input": 0.15, "output": 0.6}, "own": {"input": 1, "output": 2, "batch_input": 0.9, "batch_output": 1}}})");
  EXPECT_EQ(find_price(file, "gpt-4o", false)->input, 2.5);
  EXPECT_EQ(find_price(file, "gpt-4o-2024-08-06", false)->output, 10);
  EXPECT_EQ(find_price(file, "gpt-4o-mini-2024-07-18", false)->input, 0.15);
  EXPECT_EQ(find_price(file, "gpt-4o-mini", true)->output, 0.3) << "batches cost half";
  EXPECT_EQ(find_price(file, "own", true)->input, 0.9) << "unless the list says otherwise";
  EXPECT_FALSE(find_price(file, "gpt-4o-audio", false)) << "another model, at another price";
  EXPECT_FALSE(find_price(file, "gpt", false));
  EXPECT_FALSE(find_price({}, "gpt-4o", false));
}

TEST(Prices, TheShippedListIsGood) {
  const std::filesystem::path shipped = test::source_dir() / "configs/prices.json";
  EXPECT_NEAR(find_price(shipped, "gpt-4o-mini", false)->cost_usd({.prompt = 1'000'000, .completion = 1'000'000}), 0.75,
              1e-12);
}

TEST(Prices, SayWhatIsWrongWithTheList) {
  const TempDir folder;
  const auto message = [&](const char* text) {
    const auto file = folder.write("prices.json", text);
    const auto thrown = error_of([&] { static_cast<void>(find_price(file, "m", false)); });
    EXPECT_EQ(thrown.kind, ErrorKind::kInput) << text;
    return thrown.message;
  };
  EXPECT_NE(message("{").find("broken JSON"), std::string::npos);
  EXPECT_NE(message("[]").find("expected one JSON object"), std::string::npos);
  EXPECT_NE(message(R"({"models": []})").find("models"), std::string::npos);
  EXPECT_NE(message(R"({"models": {"m": {"input": 1}}})").find("models.m.output"), std::string::npos);
  EXPECT_NE(message(R"({"models": {"m": {"input": -1, "output": 1}}})").find("models.m.input"), std::string::npos);
}

constexpr Price kPrice{.input = 1, .output = 10};  // dollars per million

TEST(Budget, CountsWhatIsSpentKeptAndReserved) {
  Budget budget(kPrice, 1.0, std::nullopt);
  const TokenUse most{.prompt = 100'000, .completion = 40'000};  // half a dollar
  EXPECT_TRUE(budget.fits(most));
  budget.reserve(most);
  EXPECT_TRUE(budget.fits(most)) << "to the last cent";
  budget.reserve(most);
  EXPECT_FALSE(budget.fits({.prompt = 1}));
  budget.settle(most, {.prompt = 50'000, .completion = 5'000});  // a tenth
  EXPECT_TRUE(budget.fits({.prompt = 400'000}));
  EXPECT_FALSE(budget.fits({.prompt = 400'001}));
  budget.keep(most);
  EXPECT_FALSE(budget.fits({.prompt = 400'001})) << "a timeout keeps its reservation";
  EXPECT_DOUBLE_EQ(budget.cost_usd(budget.spent()), 0.1);
  EXPECT_DOUBLE_EQ(budget.cost_usd(budget.kept()), 0.5);
}

TEST(Budget, LimitsTokensWithoutAPrice) {
  Budget budget(std::nullopt, std::nullopt, 1000);
  EXPECT_TRUE(budget.fits({.prompt = 600, .completion = 400}));
  EXPECT_FALSE(budget.fits({.prompt = 600, .completion = 401}));
  EXPECT_TRUE(std::isnan(budget.cost_usd({.prompt = 1})));
  budget.reserve({.prompt = 600, .completion = 400});
  budget.release({.prompt = 600, .completion = 400});
  EXPECT_TRUE(budget.fits({.prompt = 600, .completion = 400}));
}

TEST(Dollars, AreReadable) {
  EXPECT_EQ(dollars(0.01234), "$0.0123");
  EXPECT_EQ(dollars(12.345), "$12.35");
  EXPECT_EQ(dollars(std::nan("")), "--");
}

}  // namespace
}  // namespace persona4rec
