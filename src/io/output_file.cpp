#include "io/output_file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "io/artifacts.hpp"
#include "io/descriptor.hpp"
#include "io/gzip_writer.hpp"
#include "io/output_target.hpp"
#include "io/rows/row_text.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 18U;
constexpr std::size_t kSyncsAtOnce = 16;  // threads, which wait for the disk

[[noreturn]] void fail_to_write(const fs::path& path, const std::string& what) {
  throw output_error(path.string(), what + ": " + std::strerror(errno));
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw output_error(folder.string(), "the folder cannot be made: " + code.message());
}

// Pipes, terminals and some devices have nothing to sync.
bool cannot_be_synced(int error) {
  return error == EINVAL || error == EROFS || error == ENOTSUP;
}

void sync_folder(const fs::path& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) fsync(folder.value());  // else: it can still be written to, and the files were synced
}

void sync_file(const Descriptor& file, const fs::path& path) {
  if (fsync(file.value()) != 0 && !cannot_be_synced(errno)) fail_to_write(path, "cannot be flushed to disk");
}

void sync_path(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail_to_write(path, "cannot be flushed to disk");
  sync_file(file, path);
}

}  // namespace

struct OutputFile::State {
  fs::path target;     // links followed
  fs::path temporary;  // empty: a stream, written to as it is
  Descriptor file;
  std::string buffer;                // not yet packed or written
  std::unique_ptr<GzipWriter> gzip;  // null: written as it is
  Sha256 hash;
  bool is_hashed = true;
  bool is_synced = true;  // by commit()

  ~State() {
    std::error_code ignored;
    if (!temporary.empty()) fs::remove(temporary, ignored);
  }

  void open(const fs::path& path) {
    if (is_stream(path)) {
      target = path;
      file = open_stream(path);
      return;
    }
    target = follow_link(path);
    std::error_code code;
    if (fs::is_directory(target, code)) throw output_error(path.string(), "is a directory, expected a file to write");
    make_folder(folder_of(target));
    remove_leftovers(target);
    const auto name = temporary_of(target);
    if (path.extension() == ".gz") gzip = std::make_unique<GzipWriter>();
    file = Descriptor(::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file.is_open()) fail_to_write(path, "cannot be written");
    temporary = name;
  }

  void drain(GzipWriter::End end = GzipWriter::End::kNone) {
    std::string packed;
    if (gzip) gzip->pack(buffer, end, packed);
    if (!write_all(file.value(), gzip ? packed : buffer)) fail_to_write(target, "cannot be written");
    buffer.clear();
  }
};

OutputFile::OutputFile(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->open(path);
}
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;
OutputFile::~OutputFile() = default;

OutputFile OutputFile::in_folder(const fs::path& path) {
  OutputFile file(path);
  file.forgo_hash();
  file.state_->is_synced = false;
  return file;
}

void OutputFile::forgo_hash() {
  state_->is_hashed = false;
}

void OutputFile::write(std::string_view bytes) {
  if (state_->is_hashed) state_->hash.update(bytes);
  state_->buffer += bytes;
  if (state_->buffer.size() >= kBufferBytes) state_->drain();
}

void OutputFile::write_row(const Json& row) {
  write(row_text(row));
}

void OutputFile::flush() {
  state_->drain(GzipWriter::End::kFlush);
}

std::string OutputFile::commit() {
  auto& s = *state_;
  s.drain(GzipWriter::End::kFinish);
  if (s.is_synced) {
    sync_file(s.file, s.target);
  } else {
    ::sync_file_range(s.file.value(), 0, 0, SYNC_FILE_RANGE_WRITE);  // begins what the folder waits for
  }
  if (close(s.file.release()) != 0) fail_to_write(s.target, "cannot be closed");
  if (!s.temporary.empty()) {
    if (::rename(s.temporary.c_str(), s.target.c_str()) != 0) fail_to_write(s.target, "cannot be renamed into place");
    s.temporary.clear();
    if (s.is_synced) sync_folder(folder_of(s.target));
  }
  return s.is_hashed ? s.hash.hex() : std::string();
}

OutputFolder::OutputFolder(const fs::path& target) : target_(follow_link(target)), temporary_(temporary_of(target_)) {
  make_folder(folder_of(target_));
  remove_leftovers(target_);
  std::error_code code;
  fs::remove_all(temporary_, code);
  if (!fs::create_directory(temporary_, code))
    throw output_error(target.string(), "the folder cannot be made: " + code.message());
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(temporary_, ignored);
}

// All files at once: a disk that is asked for many brings them down together.
void OutputFolder::sync() const {
  std::vector<fs::path> files;
  std::vector<fs::path> folders = {temporary_};
  for (const auto& entry : fs::recursive_directory_iterator(temporary_)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  parallel_ranges(files.size(), 1, kSyncsAtOnce, [&](std::size_t i, std::size_t /*end*/) { sync_path(files[i]); });
  for (const auto& folder : folders) sync_folder(folder);
}

void OutputFolder::commit() {
  sync();
  replace_folder(temporary_, target_);
  committed_ = true;
}

void replace_folder(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  if (::rename(from.c_str(), to.c_str()) != 0) {
    // The old folder is not empty: swap both names in one step, then drop the old one under the name of the new.
    auto old = from;
    if (syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0) {
      old += ".old";
      if (::rename(to.c_str(), old.c_str()) != 0 || ::rename(from.c_str(), to.c_str()) != 0) {
        fail_to_write(to, "the folder cannot be put into place");
      }
    }
    fs::remove_all(old, ignored);
  }
  sync_folder(folder_of(to));
}

void write_file(const fs::path& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.commit();
}

void write_folder_file(const fs::path& path, std::string_view bytes) {
  auto file = OutputFile::in_folder(path);
  file.write(bytes);
  file.commit();
}

}  // namespace persona4rec
