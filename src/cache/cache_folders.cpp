#include "cache/cache_folders.hpp"

#include <algorithm>
#include <vector>

#include "base/hash.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

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
    : cache_(cache),
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

void CacheFolders::commit() {
  fs::remove(meta_path(cache_));
  for (OutputFolder* folder : {&user_item_, &item_persona_, &user_profile_, &words_}) folder->commit();
}

}  // namespace persona4rec
