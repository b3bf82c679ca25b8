// What eval reads, and how: pipes, TREC runs as trec_eval orders them, files that have nothing in common.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "eval/ground_truth.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/eval.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The reading end of a pipe that holds `bytes`: what <(command) is.
class FilledPipe {
 public:
  explicit FilledPipe(const std::string& bytes) {
    EXPECT_EQ(pipe(ends_), 0);
    EXPECT_EQ(write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(ends_[1]);
  }
  FilledPipe(const FilledPipe&) = delete;
  FilledPipe& operator=(const FilledPipe&) = delete;
  ~FilledPipe() { close(ends_[0]); }
  [[nodiscard]] std::filesystem::path path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

 private:
  int ends_[2] = {};
};

EvalOptions options_of(const std::filesystem::path& lists, const std::filesystem::path& truth) {
  EvalOptions options;
  options.candidates = {lists};
  options.ground_truth = truth;
  options.ks = {5};
  return options;
}

double ndcg5(const EvalReport& report, std::size_t file = 0) {
  return report.files.at(file).groups.at(0).means.at(2);
}

// Rows of many users, each with many items, together or not.
TEST(GroundTruth, KeepsEachUsersItemsInTheirOrder) {
  for (const bool together : {true, false}) {
    GroundTruth truth;
    constexpr std::uint32_t kUsers = 3000;
    for (std::uint32_t row = 0; row < kUsers * 9; ++row) {
      const auto user = together ? row / 9 : row % kUsers;
      const auto item = (together ? row % 9 : row / kUsers) % 8;  // the ninth is the first again
      EXPECT_EQ(truth.add(UserId("u" + std::to_string(user)), ItemId("i" + std::to_string(item))),
                (together ? row % 9 : row / kUsers) < 8);
    }
    ASSERT_EQ(truth.users().size(), kUsers);
    for (std::uint32_t user = 0; user < kUsers; ++user) {
      ASSERT_EQ(truth.find("u" + std::to_string(user)), user);
      const auto items = truth.items(user);
      ASSERT_EQ(items.size(), 8U);
      for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(items[i].text(), "i" + std::to_string(i));
    }
    EXPECT_FALSE(truth.find("nobody").has_value());
  }
}

// Rows whose texts stand elsewhere, some of them again as rows that are copied, in a table that knew what would come.
TEST(GroundTruth, RowsThatAreKeptAreThoseThatAreCopied) {
  constexpr std::uint32_t kUsers = 2000;
  for (const bool knew : {true, false}) {
    GroundTruth truth;
    auto users = std::make_unique<char[]>(4 * kUsers);
    auto items = std::make_unique<char[]>(4 * kUsers);
    std::vector<TruthRow> rows;
    for (std::uint32_t i = 0; i < kUsers; ++i) {
      const auto name = std::to_string(1000 + i);
      std::ranges::copy(name, users.get() + 4 * i);
      std::ranges::copy(name, items.get() + 4 * i);
      rows.push_back({.user = IdText(std::string_view(users.get() + 4 * i, 4)),
                      .item = IdText(std::string_view(items.get() + 4 * i, 4)),
                      .hash = GroundTruth::hash_of(name)});
    }
    truth.keep(std::move(users), std::move(items));
    for (const auto& row : rows) {
      truth.fetch(row.hash);
      EXPECT_TRUE(truth.add(row));
      EXPECT_FALSE(truth.add(row.user.as<UserId>(), row.item.as<ItemId>()));
      EXPECT_TRUE(truth.add(row.user.as<UserId>(), ItemId("other")));
      if (knew && truth.users().size() == 100) truth.reserve(kUsers, 2 * kUsers);
    }
    const IdList<UserId> given = truth.give_users();
    ASSERT_EQ(given.size(), kUsers);
    for (std::uint32_t user = 0; user < kUsers; ++user) {
      ASSERT_EQ(truth.find(given[user].text()), user);
      ASSERT_EQ(truth.items(user).size(), 2U);
      EXPECT_EQ(truth.items(user)[0].text(), given[user].text());
      EXPECT_EQ(truth.items(user)[1].text(), "other");
    }
  }
}

TEST(EvalInput, EveryListOfAPipeIsRead) {
  std::string lists;
  std::string run;
  std::string truth;
  std::string qrels;
  for (int i = 0; i < 56; ++i) {
    const std::string user = "u" + std::to_string(i);
    lists += R"({"user_id":")" + user + R"(","results":[{"item_id":"a"}]})" + "\n";
    run += user + " Q0 a 1 1 tag\n";
    truth += R"({"user_id":")" + user + R"(","item_id":"a"})" + "\n";
    qrels += user + " 0 a 1\n";
  }
  for (const auto& [file, true_items] : {std::pair(lists, truth), std::pair(run, qrels), std::pair(lists, qrels)}) {
    const FilledPipe list_pipe(file);
    const FilledPipe truth_pipe(true_items);
    const auto report = evaluate(options_of(list_pipe.path(), truth_pipe.path()));
    EXPECT_EQ(report.users.size(), 56U);
    EXPECT_EQ(report.files[0].counts.lists, 56U);
    EXPECT_EQ(report.files[0].groups[0].users, 56U);
  }
}

TEST(EvalInput, TiesOfATrecRunGoByItemNameDescendingThoseOfJsonLinesByPlace) {
  const TempDir dir;
  const auto truth = dir.write("qrels", "u1 0 a 1\n");
  const auto run = dir.write("run", "u1 Q0 a 1 0.5 t\nu1 Q0 b 2 0.5 t\n");
  const auto lists = dir.write("lists.jsonl", R"({"user_id":"u1","results":[{"item_id":"a","score":0.5},)"
                                              R"({"item_id":"b","score":0.5}]})"
                                              "\n");
  EXPECT_NEAR(ndcg5(evaluate(options_of(run, truth))), 1 / std::log2(3.0), 1e-12);
  EXPECT_EQ(ndcg5(evaluate(options_of(lists, truth))), 1);
}

TEST(EvalInput, ScoresNearTheLargestDoubleOrderARun) {
  const TempDir dir;
  const auto truth = dir.write("qrels", "u1 0 a 1\n");
  EXPECT_EQ(ndcg5(evaluate(options_of(
                dir.write("run", "u1 Q0 b 1 1.6e308 t\nu1 Q0 a 2 1.7e308 t\nu1 Q0 c 3 -1.7e308 t\n"), truth))),
            1);
}

TEST(EvalInput, AFileWithoutOneCommonUserIsAnError) {
  const TempDir dir;
  const auto truth = dir.write("qrels", "u1 0 a 1\n");
  auto options = options_of(dir.write("run", "someone Q0 a 1 1 t\n"), truth);
  for (const auto missing : {MissingLists::kSkip, MissingLists::kZero}) {
    options.missing = missing;
    try {
      (void)evaluate(options);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      EXPECT_THAT(error.what(), HasSubstr("run: no user of this file has ground truth"));
    }
  }
  options.force = true;
  EXPECT_EQ(evaluate(options).files[0].counts.without_truth, 1U);
}

}  // namespace
}  // namespace persona4rec
