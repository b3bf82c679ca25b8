// The reading end of a pipe that holds some bytes: what <(command) and /dev/stdin are.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace persona4rec::test {

class FilledPipe {
 public:
  // At most what a pipe holds (64 KiB).
  explicit FilledPipe(const std::string& bytes) {
    if (pipe(ends_) != 0) throw std::runtime_error("pipe");
    const bool whole = write(ends_[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    close(ends_[1]);
    if (!whole) throw std::runtime_error("pipe");
  }
  FilledPipe(const FilledPipe&) = delete;
  FilledPipe& operator=(const FilledPipe&) = delete;
  ~FilledPipe() { close(ends_[0]); }

  [[nodiscard]] std::filesystem::path path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace persona4rec::test
