// The folders of one cache build: all four are prepared beside their targets and then swapped in one after the other.
//
// Order at the end: the old cache.meta.json goes, the folders are swapped in, the new cache.meta.json comes. A build
// that is cut short leaves either the old cache or none that `rerank` would take. Whoever opens the cache meanwhile
// waits (io/folder_lock.hpp); whoever has it mapped goes on with the old files, which are unlinked and never written
// to. One writer a workspace: the folder that holds the cache is locked while the object lives.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "io/artifacts.hpp"
#include "io/folder_lock.hpp"
#include "io/output_file.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

class CacheFolders {
 public:
  // Opens them all: a place that cannot be written to, or is written to, is known before the long work. Throws Error
  // kOutput.
  explicit CacheFolders(const std::filesystem::path& cache);

  [[nodiscard]] const std::filesystem::path& user_item() const { return user_item_.path(); }
  [[nodiscard]] const std::filesystem::path& item_persona() const { return item_persona_.path(); }
  [[nodiscard]] const std::filesystem::path& words() const { return words_.path(); }
  // Made on the first call.
  [[nodiscard]] std::filesystem::path user_profile(World world) const;
  [[nodiscard]] const std::filesystem::path& user_profile() const { return user_profile_.path(); }

  // Hex SHA-256 over names and bytes of all files.
  [[nodiscard]] std::string sha256() const;

  // Removes the old meta file, swaps the folders in and calls `write_meta`.
  void commit(const std::function<void()>& write_meta);

 private:
  FolderLock only_writer_;
  std::filesystem::path cache_;
  OutputFolder user_item_;
  OutputFolder item_persona_;
  OutputFolder user_profile_;
  OutputFolder words_;
};

}  // namespace persona4rec
