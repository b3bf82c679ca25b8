// All-or-nothing outputs: a temporary file (folder) beside the target, flushed, checked and renamed by commit(). Of a
// symbolic link the target is replaced and the link stays. A stream (io/output_target.hpp: stdout, a device, a FIFO,
// >(command)) is written to as it is. A file whose name ends in .gz is packed; its hash is that of the bytes in it, as
// readers have it.
//
// Open the output before the long work starts: a folder that cannot be written is known at once. Without commit() the
// destructor removes the temporary; a SIGKILL leaves only "<name>.tmp.<pid>", which the next run of the same output
// removes. Throws Error kOutput with the path and the system's message. Thread-safety: one object, one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "persona4rec/json.hpp"

namespace persona4rec {

class OutputFile {
 public:
  // Creates missing parent folders; waits for the reader of a FIFO. "-" is stdout.
  explicit OutputFile(const std::filesystem::path& path);
  // One of many files of an OutputFolder, which brings them to the disk together; it is not hashed.
  [[nodiscard]] static OutputFile in_folder(const std::filesystem::path& path);
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;
  ~OutputFile();

  // From now on nothing is hashed: for streams, whose hash nobody sees. commit() then returns "".
  void forgo_hash();
  void write(std::string_view bytes);
  void write_row(const Json& row);  // one line: non-ASCII as UTF-8, no spaces; throws on bad UTF-8
  void flush();                     // to the system (streaming)
  // fsync (not where the folder does it), close, rename (a stream: close). After it the object is spent. Returns the
  // hex SHA-256 of all bytes written.
  std::string commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A folder that appears as a whole: write into path(), then commit() swaps it in (an old one is replaced atomically).
class OutputFolder {
 public:
  explicit OutputFolder(const std::filesystem::path& target);
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return temporary_; }
  // Everything in it is on disk when it returns; the folder stays where it is.
  void sync() const;
  void commit();  // sync() and the swap

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

// Puts the folder `from` where `to` is, of which nothing is left: in one step where the file system can swap two names,
// in two elsewhere. Throws Error kOutput.
void replace_folder(const std::filesystem::path& from, const std::filesystem::path& to);

// A small file in one go (meta files, indexes).
void write_file(const std::filesystem::path& path, std::string_view bytes);
// The same by OutputFile::in_folder.
void write_folder_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace persona4rec
