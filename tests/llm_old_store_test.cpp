// A reply store that version 0.1.0 wrote: its open rows are gone on with, and nothing in it is paid for twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "llm/http/chat_format.hpp"
#include "llm/store/reply_store.hpp"
#include "llm/store/sqlite.hpp"
#include "support/llm_http.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::LlmServer;
using test::taste_request;
using testing::HasSubstr;

// That version's own words: tables without those that came later.
constexpr const char* kOldSchema = R"sql(
  CREATE TABLE runs(run INTEGER PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, started_ms INTEGER NOT NULL);
  CREATE TABLE replies(
    key BLOB NOT NULL UNIQUE, stage TEXT NOT NULL, label TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ok', 'open', 'rejected')),
    reply TEXT NOT NULL, finish_reason TEXT NOT NULL, reason TEXT NOT NULL,
    attempts INTEGER NOT NULL, doubled INTEGER NOT NULL,
    prompt_tokens INTEGER, completion_tokens INTEGER, prompt_bytes INTEGER NOT NULL, cost_usd REAL,
    run INTEGER NOT NULL, finished_ms INTEGER NOT NULL);
  CREATE TABLE spend(
    run INTEGER NOT NULL, stage TEXT NOT NULL, requests INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL, unsettled_usd REAL,
    PRIMARY KEY (run, stage));
  CREATE TABLE batches(
    part INTEGER PRIMARY KEY, stage TEXT NOT NULL, model TEXT NOT NULL, requests INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('prepared', 'uploaded', 'created', 'done')),
    input_file_id TEXT NOT NULL, batch_id TEXT NOT NULL, status TEXT NOT NULL, created_ms INTEGER NOT NULL);
  CREATE TABLE imports(sha256 TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE batch_requests(key BLOB PRIMARY KEY, part INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = 1345606193;
  PRAGMA user_version = 1;
)sql";

constexpr const char* kGood = R"({"taste":"old","score":1,"note":null})";

class LlmOldStore : public test::LlmHttp {
 protected:
  LlmOldStore() : store_(folder_ / "llm.sqlite") {
    store_.exec("PRAGMA journal_mode = WAL");
    store_.exec(kOldSchema);
    store_.exec("INSERT INTO runs VALUES (1, 'test-model', '0.1.0', 1764000000000)");
    server_ = std::make_unique<LlmServer>();
  }
  // As its writer put a row: state, reply, finish_reason, reason, attempts, doubled.
  struct OldRow {
    const char* state = "open";
    std::string text;
    const char* finish_reason = "stop";
    const char* reason = "";
    std::int64_t attempts = 1;
    bool doubled = false;
  };
  void put(std::uint64_t row, const OldRow& old, const char* label = "review") {
    const std::string key = request_key("test-model", taste_request(row));
    Statement insert(store_, "INSERT INTO replies VALUES (?,'extract_aspects',?,?,?,?,?,?,?,?,?,?,?,1,1764000000000)");
    insert.blob(key_bytes(key)).text(label).text(old.state).text(old.text).text(old.finish_reason).text(old.reason);
    insert.integer(old.attempts).integer(old.doubled ? 1 : 0).integer(100).integer(10).integer(400).real(0.5).step();
  }
  std::string ask_rows(std::uint64_t rows) {
    LlmOptions made = options();
    made.concurrency = 1;
    return ask_all(made, rows, &totals_);
  }

  Database store_;
};

TEST_F(LlmOldStore, ItsAnswersAreTakenAndItsOpenRowsGoOn) {
  put(0, {.state = "ok", .text = kGood});
  put(1, {.text = ""});                                             // an empty reply: once user, user
  put(2, {.text = R"({"taste":"cut)", .finish_reason = "length"});  // to be asked with twice the tokens
  put(3, {.text = R"({"unexpected":true})", .attempts = 4});        // one more answer, by --max-attempts 5
  put(4, {.text = "\xff\xfe no text"});
  put(5, {.text = kGood}, "batch");                                    // nobody had looked at it
  put(6, {.text = "", .reason = "I will not"}, "batch");               // the model's own no
  put(7, {.state = "rejected", .text = "x", .reason = "it was bad"});  // asked again by a new run
  const std::string text = ask_rows(9);
  EXPECT_THAT(text, HasSubstr("0 ok {\"taste\":\"old\""));
  EXPECT_THAT(text, HasSubstr("5 ok {\"taste\":\"old\""));
  EXPECT_THAT(text, HasSubstr("6 rejected the model refused: I will not"));
  EXPECT_EQ(totals_.rejects, 0U) << "that was said before this run";
  EXPECT_EQ(totals_.stored, 3U) << text;
  EXPECT_EQ(totals_.requests, 6U) << "rows 1 to 4, 7 and 8";
}

TEST_F(LlmOldStore, AttemptsAndTokensOfAnOpenRowCountOn) {
  put(0, {.text = R"({"unexpected":true})", .attempts = 4});
  server_ = std::make_unique<LlmServer>(Json{{"always", "wrong_schema"}});
  EXPECT_THAT(ask_rows(1), HasSubstr("0 rejected"));
  EXPECT_EQ(totals_.requests, 1U) << "the fifth of five";
  EXPECT_EQ(store_.ask("SELECT attempts FROM replies"), "5");
  EXPECT_EQ(store_.ask("SELECT prompt_tokens > 100 AND cost_usd IS NULL FROM replies"), "1")
      << "added to what it had cost; without a price the sum is unknown";
}

TEST_F(LlmOldStore, ACutAnswerThatWasDoubledStaysDoubled) {
  put(0, {.text = R"({"taste":"cut)", .finish_reason = "length", .attempts = 2, .doubled = true});
  ask_rows(1);
  EXPECT_EQ(store_.ask("SELECT doubled || ' ' || attempts || ' ' || state FROM replies"), "1 3 ok");
}

}  // namespace
}  // namespace persona4rec
