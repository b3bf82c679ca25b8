// Inputs and their bytes. An input is what the user names: a file, a pipe, /dev/stdin, <(command), or "-" (stdin).
//
// Every reader of io takes an InputFile, and a path becomes one by itself. What a stage reads more than once is opened
// as InputFile::repeatable: a regular file stays where it is; anything else is set down in a temporary file, once,
// before the first reader. Thread-safety: const use from any thread. Cheap to copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "io/descriptor.hpp"

namespace persona4rec {

class InputFile {
 public:
  InputFile(std::filesystem::path path) : path_(std::move(path)) {}  // NOLINT(google-explicit-constructor)
  InputFile(const char* path) : path_(path) {}                       // NOLINT(google-explicit-constructor)
  InputFile(const std::string& path) : path_(path) {}                // NOLINT(google-explicit-constructor)

  // An input that may be opened any number of times. A pipe is read to its end here, into an unnamed file in `folder`
  // (io/output_file.hpp: scratch_folder). Throws Error kInput as open() does, kOutput when the copy cannot be written.
  [[nodiscard]] static InputFile repeatable(const std::filesystem::path& path, const std::filesystem::path& folder);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }  // as given
  [[nodiscard]] std::string name() const;                                    // for messages: "<stdin>" for "-"

  // At its first byte (stdin and pipes that are not repeatable: where they stand). Throws Error kInput: missing, a
  // directory, unreadable.
  [[nodiscard]] Descriptor open() const;

 private:
  std::filesystem::path path_;
  std::shared_ptr<const Descriptor> copy_;  // of a repeatable pipe
};

// The bytes of an input, gzip unpacked (from a pipe too). Thread-safety: one object, one thread.
class ByteSource {
 public:
  // Opens at once; the first read() waits for input. Throws Error kInput.
  explicit ByteSource(const InputFile& input);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  // Up to `size` bytes, as soon as there are any; 0 at the end. `line` is what errors name. Throws Error kInput: a read
  // error, broken gzip data.
  [[nodiscard]] std::size_t read(char* into, std::size_t size, std::uint64_t line);
  // How many there will be, as far as is known before they are read: not of a pipe, nor of what is packed, and a file
  // may grow.
  [[nodiscard]] std::optional<std::uint64_t> size() const;
  // False where read() would wait for input now.
  [[nodiscard]] bool has_input() const;
  // From any thread: read() waits no longer than 0.2 s from now on, and returns 0.
  void stop();
  [[nodiscard]] const std::string& name() const;  // of the input, for messages

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Hex SHA-256 of the bytes, gzip unpacked. Throws Error kInput.
[[nodiscard]] std::string sha256_of(const InputFile& input);

}  // namespace persona4rec
