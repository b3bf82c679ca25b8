// Advisory locks on folders, as flock(2) on the folder itself: nothing is left behind, and a process that dies lets go.
// Where a file system has no such locks, there are none.
// Thread-safety: one object, one thread. Two objects of one process exclude each other as two processes do.
#pragma once

#include <filesystem>
#include <utility>

namespace persona4rec {

class FolderLock {
 public:
  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock();

  // The one writer in a folder. Throws Error kOutput when there is another one.
  [[nodiscard]] static FolderLock only_writer(const std::filesystem::path& folder);
  // While what is in the folder is opened, or replaced: waits until nobody replaces, or opens, it. Both go on without
  // the lock after half a minute: whoever holds it so long has been stopped.
  [[nodiscard]] static FolderLock for_opening(const std::filesystem::path& folder);
  [[nodiscard]] static FolderLock for_replacing(const std::filesystem::path& folder);

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace persona4rec
