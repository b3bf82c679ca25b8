#include "llm/batch/batch_ledger.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "llm/store/reply_store.hpp"

namespace persona4rec {
namespace {

const char* name_of(PartState state) {
  constexpr const char* kNames[] = {"prepared", "uploaded", "created", "done"};
  return kNames[static_cast<std::size_t>(state)];
}

// On the disk by SQLite, not in memory: there may be a million keys.
Database& with_own_tables(Database& database) {
  database.exec(
      "CREATE TABLE IF NOT EXISTS forms(model TEXT PRIMARY KEY, format INTEGER NOT NULL, max_completion_tokens INTEGER "
      "NOT NULL, temperature INTEGER NOT NULL) WITHOUT ROWID");
  database.exec("CREATE TEMP TABLE IF NOT EXISTS seen(key BLOB PRIMARY KEY) WITHOUT ROWID; DELETE FROM temp.seen");
  return database;
}

}  // namespace

BatchLedger::BatchLedger(Database& database)
    : database_(with_own_tables(database)),
      is_waiting_(database, "SELECT 1 FROM batch_requests WHERE key = ?"),
      remember_(database, "INSERT OR IGNORE INTO temp.seen VALUES (?)"),
      changes_(database, "SELECT changes()") {}

bool BatchLedger::is_waiting(std::string_view key) {
  const bool found = is_waiting_.restart().blob(key_bytes(key)).step();
  is_waiting_.restart();
  return found;
}

bool BatchLedger::is_new(std::string_view key) {
  remember_.restart().blob(key_bytes(key)).step();
  remember_.restart();
  changes_.restart().step();
  const bool inserted = changes_.integer_at(0) == 1;
  changes_.restart();
  return inserted;
}

std::int64_t BatchLedger::next_part() {
  return std::stoll(database_.ask("SELECT coalesce(max(part), 0) + 1 FROM batches"));
}

void BatchLedger::prepared(const BatchPart& part, const std::vector<std::string>& keys) {
  database_.exec("BEGIN IMMEDIATE");
  try {
    Statement insert(database_, "INSERT INTO batches VALUES (?,?,?,?,'prepared','','','',?)");
    insert.integer(part.part).text(part.stage).text(part.model).integer(static_cast<std::int64_t>(part.requests));
    insert.integer(unix_milliseconds()).step();
    Statement request(database_, "INSERT OR REPLACE INTO batch_requests VALUES (?,?)");
    for (const auto& key : keys) request.restart().blob(key_bytes(key)).integer(part.part).step();
    database_.exec("COMMIT");
  } catch (...) {
    database_.exec("ROLLBACK");
    throw;
  }
}

void BatchLedger::uploaded(std::int64_t part, const std::string& input_file_id) {
  set(part, PartState::kUploaded, "input_file_id", input_file_id);
}

void BatchLedger::created(std::int64_t part, const std::string& batch_id) {
  set(part, PartState::kCreated, "batch_id", batch_id);
}

void BatchLedger::done(std::int64_t part, const std::string& status) {
  Statement forget(database_, "DELETE FROM batch_requests WHERE part = ?");
  forget.integer(part).step();
  set(part, PartState::kDone, "status", status);
}

void BatchLedger::set(std::int64_t part, PartState state, const char* column, const std::string& value) {
  Statement update(database_, "UPDATE batches SET state = ?, " + std::string(column) + " = ? WHERE part = ?");
  update.text(name_of(state)).text(value).integer(part).step();
}

ServerForm BatchLedger::form(const std::string& model, const ServerForm& by_default) {
  Statement find(database_, "SELECT format, max_completion_tokens, temperature FROM forms WHERE model = ?");
  if (!find.text(model).step()) return by_default;
  const auto format = static_cast<AnswerFormat>(std::clamp<std::int64_t>(find.integer_at(0), 0, 2));
  return {.format = std::max(format, by_default.format),
          .max_completion_tokens = find.integer_at(1) != 0,
          .temperature = find.integer_at(2) != 0};
}

void BatchLedger::learn(const std::string& model, const ServerForm& form) {
  Statement put(database_, "INSERT OR REPLACE INTO forms VALUES (?,?,?,?)");
  put.text(model).integer(static_cast<std::int64_t>(form.format));
  put.integer(form.max_completion_tokens ? 1 : 0).integer(form.temperature ? 1 : 0).step();
}

std::vector<BatchPart> BatchLedger::parts(PartState state) {
  Statement select(
      database_,
      "SELECT part, stage, model, requests, input_file_id, batch_id, created_ms FROM batches WHERE state = ? "
      "ORDER BY part");
  select.text(name_of(state));
  std::vector<BatchPart> parts;
  while (select.step())
    parts.push_back({.part = select.integer_at(0),
                     .stage = select.text_at(1),
                     .model = select.text_at(2),
                     .requests = static_cast<std::uint64_t>(select.integer_at(3)),
                     .input_file_id = select.text_at(4),
                     .batch_id = select.text_at(5),
                     .submitted_ms = select.integer_at(6)});
  return parts;
}

}  // namespace persona4rec
