#include "io/line_source.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "base/hash.hpp"
#include "base/stop.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 18U;
constexpr std::string_view kBom = "\xEF\xBB\xBF";

}  // namespace

struct LineSource::State {
  std::string name;
  int fd = -1;
  gzFile gz = nullptr;
  std::string buffer;
  std::size_t at = 0;        // first byte not yet returned
  std::size_t searched = 0;  // bytes known to hold no line end
  bool ended = false;
  std::uint64_t line = 0;
  Sha256 hash;

  ~State() {
    if (gz != nullptr) gzclose(gz);
    if (fd > 0) close(fd);
  }

  void open(const std::filesystem::path& path) {
    name = path == "-" ? "<stdin>" : path.string();
    if (path == "-") {
      fd = 0;
      return;
    }
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
      throw input_error({.file = name}, "is a directory, expected a file");
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail_open(path);
    unsigned char magic[2] = {};
    if (pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1F && magic[1] == 0x8B) open_gzip();
  }

  [[noreturn]] void fail_open(const std::filesystem::path& path) const {
    const int code = errno;
    const bool is_ours = code == ENOENT && !maker_of(path).empty();
    throw input_error({.file = name}, std::string("cannot be opened: ") + std::strerror(code) +
                                          (is_ours ? ": " + make_text(path) : std::string()));
  }

  void open_gzip() {
    gz = gzdopen(fd, "rb");
    if (gz == nullptr) throw input_error({.file = name}, "zlib could not be started");
    gzbuffer(gz, static_cast<unsigned>(kChunkBytes));
    fd = -1;  // gzclose closes it
  }

  // Appends one chunk; false at the end of the input.
  bool fill() {
    if (ended) return false;
    if (at > 0) {
      buffer.erase(0, at);
      searched -= at;
      at = 0;
    }
    const std::size_t old = buffer.size();
    buffer.resize(old + kChunkBytes);
    const auto got = read_some(buffer.data() + old);
    buffer.resize(old + got);
    hash.update(std::string_view(buffer).substr(old));
    ended = got == 0;
    if (old == 0 && line == 0) check_start();
    return got > 0;
  }

  std::size_t read_some(char* into) {
    for (;;) {
      const auto got = gz != nullptr ? static_cast<ssize_t>(gzread(gz, into, static_cast<unsigned>(kChunkBytes)))
                                     : ::read(fd, into, kChunkBytes);
      if (got >= 0) {
        check_gzip_end(got);
        return static_cast<std::size_t>(got);
      }
      if (gz == nullptr && errno == EINTR) {
        throw_if_stopped();
        continue;
      }
      throw input_error({.file = name, .line = line + 1}, gz != nullptr ? "broken gzip data" : std::strerror(errno));
    }
  }

  void check_gzip_end(ssize_t got) const {
    int code = Z_OK;
    if (gz != nullptr && got < static_cast<ssize_t>(kChunkBytes)) {
      gzerror(gz, &code);
      if (code == Z_BUF_ERROR) throw input_error({.file = name, .line = line + 1}, "gzip data ends too early");
    }
  }

  void check_start() {
    if (buffer.starts_with("version https://git-lfs")) {
      throw input_error({.file = name, .line = 1},
                        "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`");
    }
    if (buffer.starts_with(kBom)) at = searched = kBom.size();
  }
};

LineSource::LineSource(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->open(path);
}
LineSource::LineSource(LineSource&&) noexcept = default;
LineSource& LineSource::operator=(LineSource&&) noexcept = default;
LineSource::~LineSource() = default;

bool LineSource::next(std::string& line) {
  auto& s = *state_;
  std::size_t end = s.buffer.find('\n', s.searched);
  while (end == std::string::npos) {
    s.searched = s.buffer.size();
    if (!s.fill()) break;
    end = s.buffer.find('\n', s.searched);
  }
  if (end == std::string::npos) {
    if (s.at == s.buffer.size()) return false;
    end = s.buffer.size();  // the last line has no end
  }
  std::size_t length = end - s.at;
  if (length > 0 && s.buffer[s.at + length - 1] == '\r') --length;
  line.assign(s.buffer, s.at, length);
  s.at = s.searched = std::min(end + 1, s.buffer.size());
  ++s.line;
  return true;
}

std::uint64_t LineSource::line() const {
  return state_->line;
}
bool LineSource::has_buffered_line() const {
  return state_->ended || state_->buffer.find('\n', state_->searched) != std::string::npos;
}
std::string LineSource::sha256() {
  return state_->hash.hex();
}

}  // namespace persona4rec
