#include "cache/cache_folders.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "io/cache/cache_names.hpp"
#include "io/output_target.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFolders = {"item_persona", "user_item", "user_profile", "words"};  // as they are hashed

// All files of a folder in the order of names.
std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A folder that is there and cannot be renamed: another file system is mounted on it, or its parent is not ours.
bool stays_where_it_is(const fs::path& folder) {
  struct stat own = {};
  struct stat above = {};
  if (::stat(folder.c_str(), &own) != 0) return false;
  const auto parent = folder_of(fs::absolute(folder));
  return ::stat(parent.c_str(), &above) != 0 || own.st_dev != above.st_dev || ::access(parent.c_str(), W_OK) != 0;
}

void copy_as_links(const fs::directory_entry& entry, const fs::path& to) {
  const auto how = fs::copy_options::recursive | fs::copy_options::copy_symlinks;
  std::error_code error;
  fs::copy(entry.path(), to, how | fs::copy_options::create_hard_links, error);
  if (!error) return;
  fs::remove_all(to, error);
  fs::copy(entry.path(), to, how, error);  // a file system without links; what cannot be read stays behind
}

void step(const CacheFolders::OnStep& on_step, int number) {
  if (on_step) on_step(number);
}

}  // namespace

CacheFolders::CacheFolders(const fs::path& cache)
    : only_writer_(FolderLock::only_writer_of({&cache, 1})),
      cache_(cache),
      one_by_one_(stays_where_it_is(follow_link(cache))),
      build_(one_by_one_ ? cache_ / "build" : cache_) {}

fs::path CacheFolders::made(const fs::path& folder) {
  fs::create_directories(folder);
  return folder;
}

// Of "<folder>/<file> <sha256>" of every file.
std::string CacheFolders::sha256(std::size_t threads) const {
  std::vector<fs::path> files;
  for (const auto* name : kFolders) std::ranges::copy(files_of(build_.path() / name), std::back_inserter(files));
  std::vector<std::string> hashes(files.size());
  parallel_ranges(files.size(), 1, threads,
                  [&](std::size_t i, std::size_t /*end*/) { hashes[i] = sha256_file(files[i]); });
  Sha256 hash;
  for (std::size_t i = 0; i < files.size(); ++i) {
    hash.update(files[i].lexically_relative(build_.path()).generic_string() + " " + hashes[i] + "\n");
  }
  return hash.hex();
}

// Hard links: what has the old folder open, and a build that is killed, find the same there.
void CacheFolders::keep_the_rest() const {
  std::error_code none_there;
  for (const auto& entry : fs::directory_iterator(cache_, none_there)) {
    const auto name = entry.path().filename().string();
    const bool replaced = std::ranges::find(kFolders, name) != kFolders.end();
    if (!replaced && name.find(".tmp.") == std::string::npos) copy_as_links(entry, build_.path() / name);
  }
}

void CacheFolders::commit(const WriteMeta& write_meta, const OnStep& on_step) {
  const FolderLock old_one = FolderLock::for_replacing(cache_);
  const FolderLock new_one = FolderLock::for_replacing(build_.path());  // until its meta file is in place
  write_meta(next_cache(cache_));
  step(on_step, 1);
  if (one_by_one_) {
    swap_one_by_one(on_step);
  } else {
    keep_the_rest();
    step(on_step, 2);
    build_.commit();
  }
  step(on_step, 3);
  publish_meta(on_step);
}

// The old meta file goes first: a mixture has none.
void CacheFolders::swap_one_by_one(const OnStep& on_step) {
  build_.sync();
  fs::remove(meta_path(cache_));
  for (const auto* name : kFolders) {
    step(on_step, 2);
    replace_folder(build_.path() / name, cache_ / name);
  }
}

void CacheFolders::publish_meta(const OnStep& on_step) const {
  for (const auto& path : {meta_path, run_path}) {
    fs::rename(path(next_cache(cache_)), path(cache_));
    step(on_step, 4);
  }
}

}  // namespace persona4rec
