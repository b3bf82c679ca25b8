#include "io/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/stop.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);
constexpr auto kPause = std::chrono::milliseconds(20);

int open_folder(const std::filesystem::path& folder) {
  return ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool is_held(int fd, int kind) {
  return ::flock(fd, kind | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

int wait_for(const std::filesystem::path& folder, int kind) {
  const int fd = open_folder(folder);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (fd >= 0 && stop_signal() == 0 && is_held(fd, kind) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kPause);
  }
  return fd;
}

}  // namespace

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

FolderLock FolderLock::only_writer(const std::filesystem::path& folder) {
  FolderLock lock(open_folder(folder));
  if (lock.fd_ >= 0 && is_held(lock.fd_, LOCK_EX)) {
    throw output_error(folder.string(), "another run of persona4rec is writing here: wait until it has ended");
  }
  return lock;
}

FolderLock FolderLock::for_opening(const std::filesystem::path& folder) {
  return FolderLock(wait_for(folder, LOCK_SH));
}

FolderLock FolderLock::for_replacing(const std::filesystem::path& folder) {
  return FolderLock(wait_for(folder, LOCK_EX));
}

}  // namespace persona4rec
