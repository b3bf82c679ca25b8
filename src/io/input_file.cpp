#include "io/input_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/stop.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 18U;
constexpr int kPatienceMs = 200;  // until a signal that came between two calls is seen
constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, a gzip header

// A descriptor of its own on an open file, at its first byte. Not open when the system does not let us.
Descriptor open_again(const Descriptor& file) {
  return Descriptor(::open(("/proc/self/fd/" + std::to_string(file.value())).c_str(), O_RDONLY | O_CLOEXEC));
}

// Opening a FIFO waits for its writer; a signal ends that.
int open_to_read(const std::filesystem::path& path) {
  for (;;) {
    throw_if_stopped();
    const int value =
        path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (value >= 0 || errno != EINTR) return value;
  }
}

[[noreturn]] void fail_open(const std::filesystem::path& path, const Place& place) {
  const int code = errno;
  const bool is_ours = code == ENOENT && !maker_of(path).empty();
  throw input_error(place, std::string("cannot be opened: ") + std::strerror(code) +
                               (is_ours ? ": " + make_text(path) : std::string()));
}

// As read(2), but a signal that asks to stop ends it whenever it comes: one that comes just before the system's read
// would not interrupt that, and a pipe may never bring anything. Throws when stopped; once `over`, there is no more.
ssize_t read_some(int file, char* into, std::size_t size, const std::atomic<bool>* over = nullptr) {
  pollfd waiting = {.fd = file, .events = POLLIN, .revents = 0};
  for (;;) {
    throw_if_stopped();
    if (over != nullptr && *over) return 0;
    const int ready = ::poll(&waiting, 1, kPatienceMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const auto got = ::read(file, into, size);
    if (got >= 0 || errno != EINTR) return got;
  }
}

Descriptor copy_of(const Descriptor& input, const Place& place, const std::filesystem::path& folder) {
  Descriptor copy = open_unnamed_file(folder);
  std::vector<char> chunk(kReadBytes);
  for (;;) {
    const auto got = read_some(input.value(), chunk.data(), chunk.size());
    if (got == 0) return copy;
    if (got < 0) throw input_error(place, std::string("cannot be read: ") + std::strerror(errno));
    if (!write_all(copy.value(), {chunk.data(), static_cast<std::size_t>(got)})) {
      throw output_error(folder.string(), "the copy of " + place.file + " cannot be written: " + std::strerror(errno));
    }
  }
}

}  // namespace

std::string InputFile::name() const {
  return path_ == "-" ? "<stdin>" : path_.string();
}

Descriptor InputFile::open() const {
  const Place place{.file = name()};
  Descriptor file = copy_ ? open_again(*copy_) : Descriptor(open_to_read(path_));
  if (!file.is_open()) fail_open(path_, place);
  struct stat info = {};
  if (fstat(file.value(), &info) == 0 && S_ISDIR(info.st_mode)) {
    throw input_error(place, "is a directory, expected a file");
  }
  return file;
}

InputFile InputFile::repeatable(const std::filesystem::path& path, const std::filesystem::path& folder) {
  InputFile input(path);
  Descriptor file = input.open();
  struct stat info = {};
  const bool regular = fstat(file.value(), &info) == 0 && S_ISREG(info.st_mode);
  if (regular && path != "-") return input;
  const bool whole = regular && lseek(file.value(), 0, SEEK_CUR) == 0 && open_again(file).is_open();
  input.copy_ =
      std::make_shared<const Descriptor>(whole ? std::move(file) : copy_of(file, {.file = input.name()}, folder));
  return input;
}

struct ByteSource::State {
  explicit State(const InputFile& input) : name(input.name()), file(input.open()), raw(kReadBytes) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (unpacking) inflateEnd(&zlib);
  }

  [[noreturn]] void fail(std::uint64_t line, std::string_view what) const {
    throw input_error({.file = name, .line = line}, what);
  }

  std::size_t read_file(char* into, std::size_t size, std::uint64_t line) {
    const auto got = read_some(file.value(), into, size, &over);
    if (got < 0) fail(line, std::strerror(errno));
    return static_cast<std::size_t>(got);
  }

  // At least two bytes at raw[begin], where the input has them.
  void buffer_magic(std::uint64_t line) {
    if (begin > 0)
      std::copy(raw.begin() + static_cast<std::ptrdiff_t>(begin), raw.begin() + static_cast<std::ptrdiff_t>(end),
                raw.begin());
    end -= begin;
    begin = 0;
    while (end < kGzipMagic.size()) {
      const auto got = read_file(raw.data() + end, raw.size() - end, line);
      if (got == 0) return;
      end += got;
    }
  }
  [[nodiscard]] bool at_gzip() const {
    return std::string_view(raw.data() + begin, end - begin).starts_with(kGzipMagic);
  }

  void start(std::uint64_t line) {
    started = true;
    buffer_magic(line);
    if (!at_gzip()) return;
    if (inflateInit2(&zlib, kGzipWindow) != Z_OK) fail(line, "zlib could not be started");
    unpacking = true;
  }

  std::size_t read_plain(char* into, std::size_t size, std::uint64_t line) {
    if (begin == end) return read_file(into, size, line);
    const auto count = std::min(size, end - begin);
    std::copy_n(raw.data() + begin, count, into);
    begin += count;
    return count;
  }

  std::size_t read_gzip(char* into, std::size_t size, std::uint64_t line) {
    zlib.next_out = reinterpret_cast<Bytef*>(into);
    zlib.avail_out = static_cast<uInt>(size);
    while (zlib.avail_out == size) {
      if (member_ended && !next_member(line)) return 0;
      if (begin == end) {
        begin = 0;
        end = read_file(raw.data(), raw.size(), line);
        if (end == 0) fail(line, "gzip data ends too early");
      }
      inflate_some(line);
    }
    return size - zlib.avail_out;
  }

  void inflate_some(std::uint64_t line) {
    zlib.next_in = reinterpret_cast<Bytef*>(raw.data() + begin);
    zlib.avail_in = static_cast<uInt>(end - begin);
    const int code = inflate(&zlib, Z_NO_FLUSH);
    begin = end - zlib.avail_in;
    member_ended = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) fail(line, "broken gzip data");
  }

  // False at the end; what is no gzip behind a member is padding, as gzip has it.
  bool next_member(std::uint64_t line) {
    buffer_magic(line);
    if (!at_gzip()) return false;
    member_ended = false;
    return inflateReset(&zlib) == Z_OK;
  }

  std::string name;
  Descriptor file;
  std::vector<char> raw;  // read, not yet handed out: [begin, end)
  std::size_t begin = 0;
  std::size_t end = 0;
  std::atomic<bool> over = false;
  bool started = false;
  bool unpacking = false;
  bool member_ended = false;
  z_stream zlib = {};
};

ByteSource::ByteSource(const InputFile& input) : state_(std::make_unique<State>(input)) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

std::size_t ByteSource::read(char* into, std::size_t size, std::uint64_t line) {
  auto& s = *state_;
  if (!s.started) s.start(line);
  return s.unpacking ? s.read_gzip(into, size, line) : s.read_plain(into, size, line);
}

std::optional<std::uint64_t> ByteSource::size() const {
  struct stat info = {};
  if (state_->unpacking || fstat(state_->file.value(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(info.st_size);
}

bool ByteSource::has_input() const {
  const auto& s = *state_;
  pollfd waiting = {.fd = s.file.value(), .events = POLLIN, .revents = 0};
  return s.begin < s.end || ::poll(&waiting, 1, 0) != 0;
}

void ByteSource::stop() {
  state_->over = true;
}

const std::string& ByteSource::name() const {
  return state_->name;
}

std::string sha256_of(const InputFile& input) {
  ByteSource bytes(input);
  Sha256 hash;
  std::vector<char> chunk(kReadBytes);
  while (const auto got = bytes.read(chunk.data(), chunk.size(), 0)) hash.update({chunk.data(), got});
  return hash.hex();
}

}  // namespace persona4rec
