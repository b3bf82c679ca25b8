// SQLite with errors as exceptions, for the reply store.
// Thread-safety: one object, one thread (each thread opens its own Database on the same file).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace persona4rec {

class Database {
 public:
  // Opens or creates. Every error is an Error kOutput that names the file, what is wrong and what to do about it.
  explicit Database(std::filesystem::path path);

  void exec(const char* sql);
  // The first column of the first row; empty when there is none.
  [[nodiscard]] std::string ask(const std::string& sql);
  // Throws for the last failed call.
  [[noreturn]] void fail() const;

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement. Parameters and columns are numbered from 0, in order.
class Statement {
 public:
  // REQUIRES: `database` outlives the statement.
  Statement(Database& database, std::string_view sql);

  // Starts over with the next parameter at 0.
  Statement& restart();
  // Texts and blobs are copied.
  Statement& text(std::string_view value);
  Statement& blob(std::string_view value);
  Statement& integer(std::int64_t value);
  Statement& real(double value);  // NaN = NULL
  Statement& null();
  // True while there is a row.
  bool step();

  [[nodiscard]] std::string text_at(int column) const;  // NULL = ""
  [[nodiscard]] std::int64_t integer_at(int column) const;
  [[nodiscard]] double real_at(int column) const;  // NULL = 0

 private:
  void check(int code) const;

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };
  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int parameter_ = 0;
};

}  // namespace persona4rec
