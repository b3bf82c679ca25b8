#include "io/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "base/bulk/sort_distinct.hpp"
#include "base/stop.hpp"
#include "io/output_target.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::seconds(30);
constexpr auto kPause = std::chrono::milliseconds(20);

int open_folder(const fs::path& folder) {
  return ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool is_held(int fd, int kind) {
  return ::flock(fd, kind | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

// Whether the path still names what was opened: a replaced folder keeps its locks, and they exclude nobody.
bool is_still(const fs::path& folder, int fd) {
  struct stat opened = {};
  struct stat named = {};
  if (::fstat(fd, &opened) != 0 || ::stat(folder.empty() ? "." : folder.c_str(), &named) != 0) return false;
  return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

int wait_for(const fs::path& folder, int kind) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto in_time = [&] { return stop_signal() == 0 && std::chrono::steady_clock::now() < end; };
  int fd = open_folder(folder);
  while (fd >= 0) {
    while (is_held(fd, kind) && in_time()) std::this_thread::sleep_for(kPause);
    if (is_still(folder, fd) || !in_time()) break;
    ::close(fd);
    fd = open_folder(folder);
  }
  return fd;
}

// The folder that `output` lies in, made when it is missing: what is wrong with it, the output itself says.
fs::path made_folder_of(const fs::path& output) {
  auto path = fs::absolute(output).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();  // "cache/"
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const auto folder = fs::canonical(path.parent_path(), ignored);
  return ignored ? path.parent_path() : folder;
}

}  // namespace

std::string lock_holder(int fd) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return {};
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    int pid = 0;
    unsigned device_major = 0;
    unsigned device_minor = 0;
    unsigned long long inode = 0;
    if (std::sscanf(line.c_str(), "%*s FLOCK %*s WRITE %d %x:%x:%llu", &pid, &device_major, &device_minor, &inode) != 4)
      continue;
    const bool same =
        inode == status.st_ino && device_major == major(status.st_dev) && device_minor == minor(status.st_dev);
    if (same && pid > 0) return " (process " + std::to_string(pid) + ")";
  }
  return {};
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

FolderLock FolderLock::only_writer(const fs::path& folder) {
  FolderLock lock(open_folder(folder));
  if (lock.fd_ >= 0 && is_held(lock.fd_, LOCK_EX)) {
    throw output_error(folder.string(), "another run of persona4rec" + lock_holder(lock.fd_) +
                                            " is writing here: wait until it has ended");
  }
  return lock;
}

std::vector<FolderLock> FolderLock::only_writer_of(std::span<const fs::path> outputs) {
  std::vector<fs::path> folders;
  for (const auto& output : outputs) {
    if (!output.empty() && !is_stream(output)) folders.push_back(made_folder_of(output));
  }
  sort_distinct(folders);
  std::vector<FolderLock> locks;
  locks.reserve(folders.size());
  for (const auto& folder : folders) locks.push_back(only_writer(folder));
  return locks;
}

FolderLock FolderLock::for_opening(const fs::path& folder) {
  return FolderLock(wait_for(folder, LOCK_SH));
}

FolderLock FolderLock::for_replacing(const fs::path& folder) {
  return FolderLock(wait_for(folder, LOCK_EX));
}

}  // namespace persona4rec
