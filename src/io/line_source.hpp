// Lines of a plain or gzip file, or of stdin ("-"), with their bytes hashed on the way.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace persona4rec {

class LineSource {
 public:
  // Throws Error kInput: missing, a directory, unreadable, an LFS pointer.
  explicit LineSource(const std::filesystem::path& path);
  LineSource(LineSource&&) noexcept;
  LineSource& operator=(LineSource&&) noexcept;
  ~LineSource();

  // The next line without its end (LF or CRLF) and without a BOM; false at the end. Throws Error kInput on a read
  // error.
  bool next(std::string& line);
  [[nodiscard]] std::uint64_t line() const;  // 1-based number of the line returned last
  // True when the next call returns at once: a whole line is buffered, or the end was seen (streaming: flush before
  // waiting).
  [[nodiscard]] bool has_buffered_line() const;
  // Hex SHA-256 of the decompressed bytes read so far. The source is spent.
  [[nodiscard]] std::string sha256();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
