#include "llm/store/sqlite.hpp"

#include <sqlite3.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr int kBusyTimeoutMs = 10'000;  // another program may read the store, or take a backup of it

std::string what_is_wrong(int code, const std::string& detail) {
  switch (code) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "the reply store is damaged (" + detail +
             "). Move it away to start anew; `sqlite3 FILE .recover | sqlite3 NEW` may save its answers";
    case SQLITE_FULL:
      return "there is no room for the reply store (" + detail +
             "). What was answered so far is kept: make room and run the same command again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "the reply store cannot be opened for writing (" + detail + ")";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "the reply store is locked by another program (" + detail + ")";
    case SQLITE_IOERR:
      return "the reply store cannot be read or written (" + detail +
             "; a quota, a limit of file sizes, a failing disk?). What was answered so far is kept: see to it and run "
             "the same command again";
    default:
      return "the reply store cannot be used (" + detail + ")";
  }
}

Error store_error(const std::filesystem::path& path, sqlite3* handle) {
  std::string detail = sqlite3_errmsg(handle);
  if (const int number = sqlite3_system_errno(handle); number != 0) detail += ": " + std::string(std::strerror(number));
  return output_error(path.string(), what_is_wrong(sqlite3_errcode(handle), detail));
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

Database::Database(std::filesystem::path path) : path_(std::move(path)) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path_.c_str(), &opened, flags, nullptr);
  handle_.reset(opened);
  if (opened == nullptr) throw internal_error("SQLite has no memory");
  if (code != SQLITE_OK) fail();
  sqlite3_busy_timeout(opened, kBusyTimeoutMs);
}

void Database::exec(const char* sql) {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::string Database::ask(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text_at(0) : std::string();
}

void Database::fail() const {
  throw store_error(path_, handle());
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept {
  sqlite3_finalize(handle);
}

Statement::Statement(Database& database, std::string_view sql) : database_(&database) {
  sqlite3_stmt* prepared = nullptr;
  check(sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &prepared, nullptr));
  handle_.reset(prepared);
}

Statement& Statement::restart() {
  sqlite3_reset(handle_.get());  // returns the error of the last step again, which was thrown then
  parameter_ = 0;
  return *this;
}

Statement& Statement::text(std::string_view value) {
  check(sqlite3_bind_text64(handle_.get(), ++parameter_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::blob(std::string_view value) {
  check(sqlite3_bind_blob64(handle_.get(), ++parameter_, value.data(), value.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::integer(std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), ++parameter_, value));
  return *this;
}

Statement& Statement::real(double value) {
  if (std::isnan(value)) return null();
  check(sqlite3_bind_double(handle_.get(), ++parameter_, value));
  return *this;
}

Statement& Statement::null() {
  check(sqlite3_bind_null(handle_.get(), ++parameter_));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_->fail();
  return code == SQLITE_ROW;
}

std::string Statement::text_at(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

std::int64_t Statement::integer_at(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::real_at(int column) const {
  return sqlite3_column_double(handle_.get(), column);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_->fail();
}

}  // namespace persona4rec
