// The reply store as a file: who may open it, what is in it, and temporary ones.
#pragma once

#include <filesystem>

#include "llm/store/sqlite.hpp"

namespace persona4rec {

// One process a store. flock, because the kernel takes it back when the process dies in whatever way; on a file of its
// own (<store>.lock), because SQLite has its own locks on the store.
class StoreLock {
 public:
  // Throws Error kOutput naming the process that holds it.
  explicit StoreLock(const std::filesystem::path& store);
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;
  ~StoreLock();

 private:
  int file_ = -1;
};

// The store of a process that keeps no answers: llm.sqlite -> llm.tmp.<process>.sqlite.
[[nodiscard]] std::filesystem::path temporary_store_path(const std::filesystem::path& store, long process);
// A store with the files that belong to it.
void remove_store(const std::filesystem::path& store);
// Temporary stores beside `store` whose processes were killed.
void remove_stale_stores(const std::filesystem::path& store);

// Settings that every connection needs: write-ahead log; synchronous=FULL unless temporary.
void set_up_connection(Database& database, bool temporary);
// Makes the tables where the file is new. Throws Error kOutput: damaged, not a store, another version's.
void open_schema(Database& database);

}  // namespace persona4rec
