// The reply store: what survives, who may open it, and what it says when it cannot be used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "llm/store/reply_store.hpp"
#include "llm/store/sqlite.hpp"
#include "support/llm_requests.hpp"
#include "support/paths.hpp"

namespace persona4rec {
namespace {

using test::Child;
using test::error_of;
using test::TempDir;
using testing::HasSubstr;

std::string key_of(int number) {
  std::string key(64, '0');
  const std::string digits = std::to_string(number);
  return key.replace(64 - digits.size(), digits.size(), digits);
}

ReplyRow row_of(int number, ReplyState state = ReplyState::kAccepted) {
  ReplyRow row{.key = key_of(number), .stage = "summarize", .label = "item " + std::to_string(number)};
  row.reply.state = state;
  row.reply.text = "reply " + std::to_string(number);
  row.reply.finish_reason = "stop";
  row.reply.attempts = 2;
  row.reply.use = TokenUse{.prompt = 100, .completion = 10};
  row.reply.prompt_bytes = 400;
  row.reply.cost_usd = 0.25;
  return row;
}

class LlmStore : public testing::Test {
 protected:
  TempDir folder_;
  std::filesystem::path path_ = folder_ / "w/llm.sqlite";

  std::string message_of_opening() const {
    const auto thrown = error_of([&] { ReplyStore store(path_, false); });
    EXPECT_EQ(thrown.kind, ErrorKind::kOutput) << thrown.message;
    EXPECT_THAT(thrown.message, HasSubstr("llm.sqlite"));
    return thrown.message;
  }
  void fill(int rows) const {
    ReplyStore store(path_, false);
    store.begin_run("m");
    for (int i = 0; i < rows; ++i) store.put(row_of(i));
    store.flush();
  }
};

TEST_F(LlmStore, KeepsEverythingOfAReply) {
  {
    ReplyStore store(path_, false);
    store.begin_run("m");
    EXPECT_EQ(store.run(), 1);
    ReplyRow full = row_of(1, ReplyState::kRejected);
    full.reply.reason = "too short";
    full.reply.doubled = true;
    ReplyRow unknown = row_of(2, ReplyState::kOpen);
    unknown.reply.use.reset();
    unknown.reply.cost_usd = std::numeric_limits<double>::quiet_NaN();
    store.put(full);
    store.put(unknown);
    EXPECT_FALSE(store.find(key_of(1))) << "not before it is on the disk";
    store.flush();
    EXPECT_EQ(store.committed(), 2U);
    EXPECT_EQ(store.pending(), 0U);
  }
  ReplyStore store(path_, false);
  const auto full = store.find(key_of(1));
  ASSERT_TRUE(full);
  EXPECT_EQ(full->state, ReplyState::kRejected);
  EXPECT_EQ(full->text, "reply 1");
  EXPECT_EQ(full->reason, "too short");
  EXPECT_EQ(full->attempts, 2U);
  EXPECT_TRUE(full->doubled);
  EXPECT_EQ(full->use->prompt, 100U);
  EXPECT_EQ(full->prompt_bytes, 400U);
  EXPECT_EQ(full->cost_usd, 0.25);
  EXPECT_EQ(full->run, 1);
  const auto unknown = store.find(key_of(2));
  EXPECT_EQ(unknown->state, ReplyState::kOpen);
  EXPECT_FALSE(unknown->use);
  EXPECT_TRUE(std::isnan(unknown->cost_usd));
  EXPECT_FALSE(store.find(key_of(3)));
}

TEST_F(LlmStore, ALaterRowReplacesAnEarlierOne) {
  ReplyStore store(path_, false);
  store.begin_run("m");
  store.put(row_of(1, ReplyState::kOpen));
  store.flush();
  store.put(row_of(1, ReplyState::kAccepted));
  store.flush();
  EXPECT_EQ(store.find(key_of(1))->state, ReplyState::kAccepted);
}

TEST_F(LlmStore, AddsUpWhatWasSpentAndWhatWasUsed) {
  ReplyStore store(path_, false);
  for (int run = 0; run < 2; ++run) {
    store.begin_run("m");
    store.put(Spend{.stage = "summarize", .requests = 1, .use = {}, .cost_usd = 5, .unsettled_usd = 1});
    store.put(Spend{.stage = "summarize", .requests = 3, .use = {}, .cost_usd = 7, .unsettled_usd = 0});
    store.put(row_of(run));
    store.flush();
  }
  EXPECT_EQ(store.total_cost(), 14) << "the last word of each run";
  const UsageHistory history = store.usage("summarize", "m");
  EXPECT_EQ(history.replies, 2U);
  EXPECT_EQ(history.prompt_bytes, 800U);
  EXPECT_EQ(history.use.completion, 20U);
  EXPECT_EQ(store.usage("summarize", "other").replies, 0U);
}

TEST_F(LlmStore, TheDocumentedQueryWorks) {
  {
    ReplyStore store(path_, false);
    store.begin_run("m");
    store.put(Spend{.stage = "select", .requests = 2, .use = {.prompt = 10, .completion = 5}, .cost_usd = 0.5});
    store.flush();
  }
  const std::string docs = test::read_file(test::source_dir() / "docs/llm.md");
  const auto begin = docs.find("SELECT stage, model");
  ASSERT_NE(begin, std::string::npos) << "docs/llm.md gives a query for the cost of everything";
  Database database(path_);
  Statement query(database, docs.substr(begin, docs.find(';', begin) - begin));
  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.text_at(0), "select");
  EXPECT_EQ(query.text_at(1), "m");
  EXPECT_EQ(query.integer_at(2), 2);
}

TEST_F(LlmStore, RefusesASecondProcess) {
  const ReplyStore store(path_, false);
  EXPECT_THAT(message_of_opening(), HasSubstr("in use by another process (process " + std::to_string(getpid()) + ")"));
  Child child(folder_, [&] { ReplyStore second(path_, false); });
  EXPECT_EQ(child.wait(), 1);
  EXPECT_THAT(child.message(), HasSubstr("in use by another process"));
}

TEST_F(LlmStore, IsFreeAgainAfterItsProcessWasKilled) {
  const auto ready = folder_ / "ready";
  Child child(folder_, [&] {
    ReplyStore store(path_, false);
    store.begin_run("m");
    store.put(row_of(1));
    store.flush();
    std::ofstream(ready) << "x";
    pause();
  });
  while (!std::filesystem::exists(ready)) usleep(1000);
  child.send(SIGKILL);
  child.wait();
  ReplyStore store(path_, false);
  EXPECT_TRUE(store.find(key_of(1))) << "committed, so it is there";
}

TEST_F(LlmStore, ATemporaryStoreGoesWithItsObjectAndThoseOfTheKilledToo) {
  fill(1);
  const auto ready = folder_ / "ready";
  Child child(folder_, [&] {
    ReplyStore store(path_, true);
    std::ofstream(ready) << "x";
    pause();
  });
  while (!std::filesystem::exists(ready)) usleep(1000);
  child.send(SIGKILL);
  child.wait();
  {
    ReplyStore store(path_, true);
    EXPECT_FALSE(store.find(key_of(0))) << "it sees nothing of the store beside it";
    store.begin_run("m");
    store.put(row_of(5));
    store.flush();
    EXPECT_TRUE(store.find(key_of(5)));
  }
  for (const auto& entry : std::filesystem::directory_iterator(path_.parent_path()))
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr(".tmp."))) << entry.path();
}

TEST_F(LlmStore, SaysThatItIsDamaged) {
  fill(500);
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0) << "This is no database at all, whatever its name says.";
  }
  EXPECT_THAT(message_of_opening(), HasSubstr("damaged"));
  std::filesystem::remove(path_);
  fill(500);
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 8) << std::string(4096 * 4, '\x5a');
  }
  EXPECT_THAT(message_of_opening(), HasSubstr("damaged"));
}

TEST_F(LlmStore, TakesNoOtherDatabaseForAStore) {
  std::filesystem::create_directories(path_.parent_path());
  {
    Database other(path_);
    other.exec("CREATE TABLE addresses(name TEXT)");
  }
  EXPECT_THAT(message_of_opening(), HasSubstr("no reply store"));
  std::filesystem::remove(path_);
  fill(1);
  {
    Database newer(path_);
    newer.exec("PRAGMA user_version = 99");
  }
  EXPECT_THAT(message_of_opening(), HasSubstr("another version (99)"));
}

TEST_F(LlmStore, SaysThatItCannotBeWritten) {
  std::filesystem::create_directories(path_);  // a folder of that name
  EXPECT_THAT(message_of_opening(), HasSubstr("cannot be opened"));
}

TEST_F(LlmStore, SaysThatItsFolderIsReadOnly) {
  const auto folder = path_.parent_path();
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(folder, std::filesystem::perms(0555));
  // Not into the test's own folder, which the child may not write to either.
  const TempDir messages;
  std::filesystem::permissions(messages.path(), std::filesystem::perms(0777));
  Child child(messages, [&] {
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) throw internal_error("cannot become nobody");
    ReplyStore store(path_, false);
  });
  EXPECT_EQ(child.wait(), 1);
  EXPECT_THAT(child.message(), HasSubstr("Permission denied"));
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
}

// Fills a store until it fails, and checks that what was committed before is still there.
void fill_until_full(const std::filesystem::path& path, const std::filesystem::path& counted) {
  ReplyStore store(path, false);
  store.begin_run("m");
  for (int i = 0; i < 100'000; ++i) {
    ReplyRow row = row_of(i);
    row.reply.text = std::string(2000, 'x');
    store.put(row);
    if (i % 20 == 19) store.flush();
    if (i % 20 == 19) std::ofstream(counted) << i + 1;
  }
}

void expect_kept(const std::filesystem::path& path, const std::filesystem::path& counted) {
  const int committed = std::stoi(test::read_file(counted));
  EXPECT_GT(committed, 0);
  ReplyStore store(path, false);
  for (int i = 0; i < committed; ++i) ASSERT_TRUE(store.find(key_of(i))) << i;
}

TEST_F(LlmStore, SaysThatAFileMayGrowNoFurtherAndKeepsWhatItHas) {
  const TempDir outside;
  Child child(outside, [&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    fill_until_full(path_, outside / "count");
  });
  EXPECT_EQ(child.wait(), 1);
  EXPECT_THAT(child.message(), HasSubstr("cannot be read or written"));
  expect_kept(path_, outside / "count");
}

TEST_F(LlmStore, SurvivesARealFullDisk) {
  const auto disk = folder_ / "disk";
  std::filesystem::create_directories(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m") != 0) GTEST_SKIP() << "a small disk cannot be mounted here";
  const TempDir outside;
  {
    Child child(outside, [&] { fill_until_full(disk / "llm.sqlite", outside / "count"); });
    EXPECT_EQ(child.wait(), 1);
    EXPECT_THAT(child.message(), HasSubstr("no room for the reply store"));
  }
  EXPECT_EQ(mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, "size=64m"), 0);
  expect_kept(disk / "llm.sqlite", outside / "count");
  umount(disk.c_str());
}

}  // namespace
}  // namespace persona4rec
