#include "llm/store/store_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kApplicationId = 0x50345231;  // "P4R1": tells a store from other SQLite files
constexpr int kSchemaVersion = 1;
constexpr std::uintmax_t kQuickCheckLimit = 512ULL << 20U;  // reading more at every start would be felt

constexpr const char* kSchema = R"sql(
  BEGIN;
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
  COMMIT;
)sql";
static_assert(kApplicationId == 1345606193 && kSchemaVersion == 1, "the numbers in kSchema");

// For the other process's message only: failing to write or read it is no failure.
void write_owner(int file) {
  const std::string owner = std::to_string(::getpid());
  if (::ftruncate(file, 0) == 0) static_cast<void>(!::pwrite(file, owner.data(), owner.size(), 0));
}

std::string read_owner(int file) {
  char owner[32] = {};
  const auto size = ::pread(file, owner, sizeof owner - 1, 0);
  return size > 0 ? " (process " + std::string(owner, static_cast<std::size_t>(size)) + ")" : "";
}

}  // namespace

StoreLock::StoreLock(const fs::path& store) {
  const fs::path path = store.string() + ".lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) throw output_error(path.string(), std::string("the reply store cannot be locked: ") + strerror(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) {
    write_owner(file_);
    return;
  }
  const std::string owner = read_owner(file_);
  ::close(file_);
  throw output_error(store.string(), "the reply store is in use by another process" + owner +
                                         ": two would pay for the same answers. Wait for it, or give each its own "
                                         "--workspace (see --shard)");
}

StoreLock::~StoreLock() {
  ::close(file_);
}

fs::path temporary_store_path(const fs::path& store, long process) {
  return store.parent_path() / (store.stem().string() + ".tmp." + std::to_string(process) + ".sqlite");
}

void remove_store(const fs::path& store) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) fs::remove(store.string() + suffix, ignored);
}

void remove_stale_stores(const fs::path& store) {
  const std::string prefix = store.stem().string() + ".tmp.";
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(store.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    long process = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), process);
    if (process > 0 && ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH)
      remove_store(temporary_store_path(store, process));
  }
}

void set_up_connection(Database& database, bool temporary) {
  if (database.ask("PRAGMA journal_mode = WAL") != "wal")
    throw output_error(database.path().string(), "this file system cannot hold a write-ahead log; use another folder");
  database.exec(temporary ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
  database.exec("PRAGMA journal_size_limit = 67108864");
}

void open_schema(Database& database) {
  const std::string version = database.ask("PRAGMA user_version");
  const std::string application = database.ask("PRAGMA application_id");
  if (version == "0" && application == "0" && database.ask("SELECT count(*) FROM sqlite_schema") == "0")
    return database.exec(kSchema);
  if (application != std::to_string(kApplicationId))
    throw output_error(database.path().string(), "this SQLite file is no reply store");
  if (version != std::to_string(kSchemaVersion))
    throw output_error(database.path().string(),
                       "the reply store is of another version (" + version + ") than this program knows");
  std::error_code ignored;
  if (fs::file_size(database.path(), ignored) > kQuickCheckLimit) return;
  if (const auto result = database.ask("PRAGMA quick_check(1)"); result != "ok")
    throw output_error(database.path().string(), "the reply store is damaged (" + result +
                                                     "). Move it away to start anew; `sqlite3 FILE .recover | sqlite3 "
                                                     "NEW` may save its answers");
}

}  // namespace persona4rec
