#include "io/row_spool.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "base/stop.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18U;

int open_unnamed(const std::filesystem::path& folder) {
  std::string name = (folder / "rows.tmp.XXXXXX").string();
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0) unlink(name.c_str());
  return fd;
}

}  // namespace

struct RowSpool::State {
  explicit State(const std::filesystem::path& output) : folder(folder_of(output)) {
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    fd = open_unnamed(folder);
    if (fd < 0) fail("a temporary file cannot be made");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { close(fd); }

  [[noreturn]] void fail(const std::string& what) const {
    throw output_error(folder.string(), what + ": " + std::strerror(errno));
  }

  void drain() {
    std::string_view rest = buffer;
    while (!rest.empty()) {
      throw_if_stopped();
      const auto wrote = ::write(fd, rest.data(), rest.size());
      if (wrote < 0 && errno != EINTR) fail("a temporary file cannot be written");
      if (wrote > 0) rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
    buffer.clear();
  }

  void load(std::size_t index) {
    const std::uint64_t begin = ends[index];
    line.resize(static_cast<std::size_t>(ends[index + 1] - begin));
    for (std::size_t done = 0; done < line.size();) {
      const auto got = ::pread(fd, line.data() + done, line.size() - done, static_cast<off_t>(begin + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail("a temporary file cannot be read back");
      done += static_cast<std::size_t>(got);
    }
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  }

  std::filesystem::path folder;
  int fd = -1;
  std::vector<std::uint64_t> ends = {0};  // [rows + 1] byte offsets
  std::string buffer;
  std::string line;
  simdjson::dom::parser parser;
  Place place;
};

RowSpool::RowSpool(const std::filesystem::path& output) : state_(std::make_unique<State>(output)) {}
RowSpool::RowSpool(RowSpool&&) noexcept = default;
RowSpool& RowSpool::operator=(RowSpool&&) noexcept = default;
RowSpool::~RowSpool() = default;

std::size_t RowSpool::append(const Json& row) {
  auto& s = *state_;
  const std::string bytes = row.dump();
  s.buffer += bytes;
  s.ends.push_back(s.ends.back() + bytes.size());
  if (s.buffer.size() >= kBufferBytes) s.drain();
  return size() - 1;
}

std::size_t RowSpool::size() const {
  return state_->ends.size() - 1;
}

void RowSpool::read(std::size_t index, const std::function<void(const RowView&)>& take) {
  auto& s = *state_;
  if (!s.buffer.empty()) s.drain();
  s.load(index);
  s.place = {.file = "row of a temporary file", .line = index + 1};
  simdjson::dom::element element;
  if (const auto code = s.parser.parse(s.line.data(), s.line.size(), false).get(element); code != simdjson::SUCCESS) {
    throw internal_error(std::string("a row read back is broken: ") + simdjson::error_message(code));
  }
  take(RowView(element, s.place));
}

}  // namespace persona4rec
