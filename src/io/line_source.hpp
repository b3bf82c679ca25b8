// Lines of an input (plain or gzip; a file, a pipe or stdin), with their bytes hashed on the way.
#pragma once

#include <algorithm>
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

// Whole lines of a source, as they stand there.
struct LineBlock {
  std::string bytes;             // of which those from `begin` to `end` are the lines
  std::size_t begin = 0;         //
  std::size_t end = 0;           // the last line's end is among them, but at the end of the input
  std::size_t unhashed = 0;      // LineSource::hash() begins here
  std::uint64_t first_line = 0;  // 1-based number of the first line
  bool holds_first = false;      // the first line of the source that is not blank is among them

  [[nodiscard]] std::string_view lines() const { return std::string_view(bytes).substr(begin, end - begin); }
};

// The lines of a block, one after another. Thread-safety: one object, one thread.
class BlockLines {
 public:
  explicit BlockLines(const LineBlock& block) : rest_(block.lines()), number_(block.first_line) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }   // from the next line on
  [[nodiscard]] std::uint64_t number() const { return number_; }  // of the next line
  // Passes over the next line, which has so many bytes with its end.
  void skip(std::size_t bytes) {
    rest_.remove_prefix(bytes);
    ++number_;
  }
  // The next line without its end. REQUIRES: !at_end().
  [[nodiscard]] std::string_view next() {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    auto line = rest_.substr(0, end);
    skip(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::string_view rest_;
  std::uint64_t number_;
};

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
  // Many lines at once: all that are whole where a wait would begin, at least one, at most some hundreds of KiB but for
  // longer lines. False at the end. Blocks may be worked on by any thread, and are given to hash() in their order
  // before sha256() is asked for. `block`: one that was done with gives its memory. Throws as next() does.
  bool next_block(LineBlock& block);
  void hash(const LineBlock& block);                         // from any thread, one at a time, also beside next_block()
  [[nodiscard]] std::optional<std::uint64_t> bytes() const;  // ByteSource::size() of the input
  // True where next_block() would wait for input now.
  [[nodiscard]] bool would_wait() const;
  // From any thread: reads wait no longer than 0.2 s from now on and find the input's end.
  void stop();
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
