// Advisory locks on folders, as flock(2) on the folder itself: nothing is left behind, and a process that dies lets go.
// Where a file system has no such locks, there are none.
// Thread-safety: one object, one thread. Two objects of one process exclude each other as two processes do.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace persona4rec {

// Who holds the lock of the file or folder that `fd` has opened, for messages: " (process 4711)", as the system's table
// of locks says; empty where it does not (another machine holds it, say).
[[nodiscard]] std::string lock_holder(int fd);

class FolderLock {
 public:
  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock();

  // The one writer in a folder. Throws Error kOutput, with the process that writes there, when there is another one.
  [[nodiscard]] static FolderLock only_writer(const std::filesystem::path& folder);
  // The one writer in each of the folders that hold `outputs` (files or folders, made already or not): the workspace,
  // as a rule. The folders are made where they are not there yet; streams lie in none.
  [[nodiscard]] static std::vector<FolderLock> only_writer_of(std::span<const std::filesystem::path> outputs);
  // While what is in the folder is opened, or replaced: waits until nobody replaces, or opens, it. A folder that was
  // replaced meanwhile is looked up again. Both go on without the lock after half a minute: whoever holds it so long
  // has been stopped.
  [[nodiscard]] static FolderLock for_opening(const std::filesystem::path& folder);
  [[nodiscard]] static FolderLock for_replacing(const std::filesystem::path& folder);

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace persona4rec
