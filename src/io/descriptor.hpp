// File descriptors that close themselves, and what is written to and copied between them.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

namespace persona4rec {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int value() const { return value_; }
  [[nodiscard]] bool is_open() const { return value_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(value_, -1); }

 private:
  int value_ = -1;
};

// A file to read and write that has no name and goes with its last descriptor, SIGKILL or not. `folder` is made when it
// is missing. Throws Error kOutput.
[[nodiscard]] Descriptor open_unnamed_file(const std::filesystem::path& folder);

// All bytes, whatever a single write() takes; false with errno when they cannot be written. Throws Error kSignal when a
// signal that asks to stop interrupts it, and for SIGPIPE when nobody reads the pipe any more.
[[nodiscard]] bool write_all(int descriptor, std::string_view bytes);

}  // namespace persona4rec
