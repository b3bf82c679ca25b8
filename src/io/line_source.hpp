// Lines of an input (plain or gzip; a file, a pipe or stdin), with their bytes hashed on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/input_file.hpp"

namespace persona4rec {

// A longer line is an error, whatever the memory: a gzip file of 1 MB may hold a line of 1 GB.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20U;

class LineSource {
 public:
  // Throws Error kInput: missing, a directory, unreadable. What is plainly another kind of file (an LFS pointer,
  // UTF-16, a zip, xz, bzip2 or zstd archive) is called by its name with the first line.
  explicit LineSource(const InputFile& input);
  LineSource(LineSource&&) noexcept;
  LineSource& operator=(LineSource&&) noexcept;
  ~LineSource();

  // The next line without its end (LF or CRLF) and without a BOM; false at the end. Throws Error kInput on a read
  // error or a line above kMaxLineBytes.
  bool next(std::string& line);
  [[nodiscard]] bool ended_with_cr() const;  // the line returned last ended with CRLF
  // The first character of the rest that is no white space, left where it is; nothing at the end.
  [[nodiscard]] std::optional<char> peek();
  // The rest from there, left where it is, once `enough` says that it is, or all of it, or `most` bytes of it. Valid
  // until the next call.
  [[nodiscard]] std::string_view peek_until(std::size_t most, const std::function<bool(std::string_view)>& enough);
  // For readers of what is no line: bytes of the rest, in order, "" at the end; they stay until skip() passes over the
  // first n of them. Valid until the next call.
  [[nodiscard]] std::string_view rest();
  void skip(std::size_t n);
  [[nodiscard]] std::uint64_t line() const;  // 1-based number of the line returned or skipped last
  // True when the next call returns at once: a whole line is buffered, or the end was seen (streaming: flush before
  // waiting).
  [[nodiscard]] bool has_buffered_line() const;
  // Hex SHA-256 of the decompressed bytes read so far. The source is spent.
  [[nodiscard]] std::string sha256();
  [[nodiscard]] const std::string& name() const;  // of the input, for messages

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
