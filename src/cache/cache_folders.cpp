#include "cache/cache_folders.hpp"

#include <algorithm>
#include <vector>

#include "base/hash.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

// The workspace, as a rule. It is made here where it is not there yet.
fs::path folder_above(const fs::path& cache) {
  auto folder = fs::absolute(cache).lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();  // "cache/"
  folder = folder.parent_path();
  std::error_code ignored;
  fs::create_directories(folder, ignored);  // what is wrong with it, the first output says
  return folder;
}

// "<folder>/<file> <sha256>" of every file, in the order of names.
void hash_folder(Sha256& hash, const std::string& name, const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    hash.update(name + "/" + file.lexically_relative(folder).generic_string() + " " + sha256_file(file) + "\n");
  }
}

}  // namespace

CacheFolders::CacheFolders(const fs::path& cache)
    : only_writer_(FolderLock::only_writer(folder_above(cache))),
      cache_(cache),
      user_item_(CacheFiles{cache}.user_item()),
      item_persona_(CacheFiles{cache}.item_persona()),
      user_profile_(CacheFiles{cache}.user_profile(World::kTest).parent_path()),
      words_(CacheFiles{cache}.words()) {}

fs::path CacheFolders::user_profile(World world) const {
  const auto folder = user_profile_.path() / to_string(world);
  fs::create_directory(folder);
  return folder;
}

std::string CacheFolders::sha256() const {
  Sha256 hash;
  hash_folder(hash, "item_persona", item_persona_.path());
  hash_folder(hash, "user_item", user_item_.path());
  hash_folder(hash, "user_profile", user_profile_.path());
  hash_folder(hash, "words", words_.path());
  return hash.hex();
}

void CacheFolders::commit(const std::function<void()>& write_meta) {
  const FolderLock lock = FolderLock::for_replacing(cache_);
  fs::remove(meta_path(cache_));
  for (OutputFolder* folder : {&user_item_, &item_persona_, &user_profile_, &words_}) folder->commit();
  write_meta();
}

}  // namespace persona4rec
