// The folders of one cache build, prepared beside the cache and then put in its place in one step.
//
// Order at the end: the new meta file is written as cache.next.meta.json, the folder is swapped, the file takes the
// name cache.meta.json. A reader takes the meta file that is of the folder's build (rerank/serving_cache.cpp), so that
// a build that is killed anywhere leaves the old cache whole or the new one. What else lies in the folder
// (tuned_weights.json) stays there. Whoever opens the cache meanwhile waits (io/folder_lock.hpp); whoever has it mapped
// goes on with the old files, which are unlinked and never written to. One writer a workspace: the folder that holds
// the cache is locked while the object lives.
//
// Where the cache is a mount point or the folder above it may not be written to, its four folders are swapped one after
// the other: a build that is killed just then leaves no cache that `rerank` would take.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "io/artifacts.hpp"
#include "io/folder_lock.hpp"
#include "io/output_file.hpp"

namespace persona4rec {

class CacheFolders {
 public:
  using WriteMeta = std::function<void(const std::filesystem::path& artifact)>;
  using OnStep = std::function<void(int step)>;  // for tests: called behind each step of commit(), 1, 2, ...

  // Opens them all: a place that cannot be written to, or is written to, is known before the long work. Throws Error
  // kOutput.
  explicit CacheFolders(const std::filesystem::path& cache);

  [[nodiscard]] std::filesystem::path user_item() const { return made(files().user_item()); }
  [[nodiscard]] std::filesystem::path item_persona() const { return made(files().item_persona()); }
  [[nodiscard]] std::filesystem::path words() const { return made(files().words()); }
  [[nodiscard]] std::filesystem::path user_profile(World world) const { return made(files().user_profile(world)); }
  [[nodiscard]] std::filesystem::path user_profile() const { return user_profile(World::kTest).parent_path(); }

  // Hex SHA-256 over names and bytes of all files, which `threads` (0 = all processors) share.
  [[nodiscard]] std::string sha256(std::size_t threads) const;

  // Has `write_meta` write the meta and run files of the artifact that it is given, and puts all in place.
  void commit(const WriteMeta& write_meta, const OnStep& on_step = {});

 private:
  [[nodiscard]] CacheFiles files() const { return CacheFiles{build_.path()}; }
  static std::filesystem::path made(const std::filesystem::path& folder);
  void keep_the_rest() const;
  void swap_one_by_one(const OnStep& on_step);
  void publish_meta(const OnStep& on_step) const;

  std::vector<FolderLock> only_writer_;
  std::filesystem::path cache_;
  bool one_by_one_;
  OutputFolder build_;
};

}  // namespace persona4rec
