#include "io/line_source.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/hash.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kRefillBytes = std::size_t{1} << 17U;
constexpr std::size_t kStartBytes = 64;  // enough to tell kinds of files apart
constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r\n\v\f";

struct ForeignStart {
  std::string_view bytes;
  std::string_view what;
};
constexpr std::array kForeignStarts = {
    ForeignStart{"version https://git-lfs", "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"},
    ForeignStart{"\xFF\xFE"sv, "is UTF-16 or UTF-32 text, expected UTF-8: convert it with `iconv -f UTF-16 -t UTF-8`"},
    ForeignStart{"\xFE\xFF"sv, "is UTF-16 text, expected UTF-8: convert it with `iconv -f UTF-16 -t UTF-8`"},
    ForeignStart{"PK\x03\x04"sv, "is a zip archive, expected text or gzip: unpack it with `unzip -p`"},
    ForeignStart{"\xFD"
                 "7zXZ\x00"sv,
                 "is xz data, expected text or gzip: unpack it with `xz -dc`"},
    ForeignStart{"BZh", "is bzip2 data, expected text or gzip: unpack it with `bzip2 -dc`"},
    ForeignStart{"\x28\xB5\x2F\xFD"sv, "is Zstandard data, expected text or gzip: unpack it with `zstd -dc`"},
    ForeignStart{"7z\xBC\xAF\x27\x1C"sv, "is a 7z archive, expected text or gzip"},
    ForeignStart{"PAR1", "is a Parquet file, expected text or gzip: scripts/to_jsonl.py writes it as JSON Lines"},
    ForeignStart{"SQLite format 3\x00"sv, "is an SQLite database, expected text or gzip"},
};

// "BZh9" and "PAR1" are letters: what follows them must be none.
bool is_foreign(std::string_view start, std::string_view magic) {
  if (!start.starts_with(magic)) return false;
  if (magic == "BZh")
    return start.substr(std::min<std::size_t>(4, start.size())).starts_with("\x31\x41\x59\x26\x53\x59");
  return magic != "PAR1" || std::ranges::any_of(start.substr(0, 16), [](char c) { return c >= 0 && c < 9; });
}

// UTF-16 of ASCII characters: every other byte is 0.
bool is_utf16(std::string_view start) {
  return start.size() >= 4 && (start[0] == 0) != (start[1] == 0) && (start[0] == 0) == (start[2] == 0) &&
         (start[1] == 0) == (start[3] == 0);
}

// The last one may lack its end.
std::uint64_t count_lines(std::string_view text) {
  std::uint64_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return lines;
}

}  // namespace

struct LineSource::State {
  explicit State(const InputFile& input) : bytes(input) {}

  ByteSource bytes;
  std::string buffer;
  std::size_t at = 0;        // first byte not yet returned
  std::size_t searched = 0;  // bytes known to hold no line end
  std::size_t hashed = 0;    // bytes that the hash has seen; at least those before `at`, as far as anybody asks
  bool seen_text = false;    // next_block() met a line that is not blank
  bool started = false;
  bool ended = false;
  bool cr = false;  // the line returned last ended with CRLF
  std::uint64_t line = 0;
  Sha256 hash;

  // Appends one chunk; false at the end of the input.
  bool fill() {
    if (ended) return false;
    if (at > 0) {
      hash_to(at);
      buffer.erase(0, at);
      searched -= at;
      hashed -= at;
      at = 0;
    }
    if (buffer.size() > kMaxLineBytes) {
      fail("expected a line of at most " + std::to_string(kMaxLineBytes >> 20U) + " MiB, got a longer one");
    }
    const bool more = append_chunk();
    if (!started) start();
    return more;
  }

  bool append_chunk() {
    const std::size_t old = buffer.size();
    buffer.resize(old + kRefillBytes);
    const auto got = bytes.read(buffer.data() + old, kRefillBytes, line + 1);
    buffer.resize(old + got);
    ended = got == 0;
    return got > 0;
  }

  void hash_to(std::size_t end) {
    if (end <= hashed) return;
    hash.update(std::string_view(buffer).substr(hashed, end - hashed));
    hashed = end;
  }

  // Behind the last whole line that is there; `at` where there is none.
  [[nodiscard]] std::size_t lines_end() const {
    if (ended) return buffer.size();
    const auto found = std::string_view(buffer).substr(searched).rfind('\n');
    return found == std::string_view::npos ? at : searched + found + 1;
  }

  // A pipe may give the first bytes one by one.
  void start() {
    started = true;
    while (!ended && buffer.size() < kStartBytes && buffer.find('\n') == std::string::npos) append_chunk();
    for (const auto& foreign : kForeignStarts) {
      if (is_foreign(buffer, foreign.bytes)) fail(foreign.what);
    }
    if (is_utf16(buffer)) fail("is UTF-16 text, expected UTF-8: convert it with `iconv -f UTF-16 -t UTF-8`");
    if (buffer.starts_with(kBom)) at = searched = kBom.size();
  }

  [[noreturn]] void fail(std::string_view what) const {
    throw input_error({.file = bytes.name(), .line = line + 1}, what);
  }
};

LineSource::LineSource(const InputFile& input) : state_(std::make_unique<State>(input)) {}
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
  s.cr = length > 0 && s.buffer[s.at + length - 1] == '\r';
  if (s.cr) --length;
  line.assign(s.buffer, s.at, length);
  s.at = s.searched = std::min(end + 1, s.buffer.size());
  ++s.line;
  return true;
}

bool LineSource::next_block(LineBlock& block) {
  auto& s = *state_;
  std::size_t end = s.lines_end();
  while (!s.ended && end == s.at) {
    s.searched = s.buffer.size();
    s.fill();
    end = s.lines_end();
  }
  if (end == s.at) return false;
  block.bytes.swap(s.buffer);
  block.begin = s.at;
  block.end = end;
  block.unhashed = s.hashed;
  block.first_line = s.line + 1;
  s.buffer.assign(block.bytes, end);
  s.at = s.searched = s.hashed = 0;
  const auto lines = block.lines();
  s.line += count_lines(lines);
  block.holds_first = !s.seen_text && lines.find_first_not_of(kBlanks) != std::string_view::npos;
  s.seen_text |= block.holds_first;
  return true;
}

void LineSource::hash(const LineBlock& block) {
  if (block.unhashed < block.end)
    state_->hash.update(std::string_view(block.bytes).substr(block.unhashed, block.end - block.unhashed));
}

std::optional<std::uint64_t> LineSource::bytes() const {
  return state_->bytes.size();
}

bool LineSource::would_wait() const {
  return !has_buffered_line() && !state_->bytes.has_input();
}

void LineSource::stop() {
  state_->bytes.stop();
}

std::optional<char> LineSource::peek() {
  auto& s = *state_;
  for (;;) {
    const auto found = s.buffer.find_first_not_of(kBlanks, s.at);
    if (found != std::string::npos) return s.buffer[found];
    if (!s.fill()) return std::nullopt;
  }
}

std::string_view LineSource::peek_until(std::size_t most, const std::function<bool(std::string_view)>& enough) {
  auto& s = *state_;
  if (!peek()) return {};
  for (;;) {  // fill() moves what it keeps
    const auto begin = s.buffer.find_first_not_of(kBlanks, s.at);
    const auto text = std::string_view(s.buffer).substr(begin, most);
    if (text.size() == most || s.ended || enough(text)) return text;
    s.fill();
  }
}

std::string_view LineSource::rest() {
  auto& s = *state_;
  if (s.at == s.buffer.size()) s.fill();
  return std::string_view(s.buffer).substr(s.at);
}

void LineSource::skip(std::size_t n) {
  auto& s = *state_;
  const auto skipped = std::string_view(s.buffer).substr(s.at, n);
  s.line += static_cast<std::uint64_t>(std::ranges::count(skipped, '\n'));
  s.at += n;
  s.searched = std::max(s.searched, s.at);
}

std::uint64_t LineSource::line() const {
  return state_->line;
}
bool LineSource::ended_with_cr() const {
  return state_->cr;
}
bool LineSource::has_buffered_line() const {
  return state_->ended || state_->buffer.find('\n', state_->searched) != std::string::npos;
}
std::string LineSource::sha256() {
  state_->hash_to(state_->buffer.size());
  return state_->hash.hex();
}
const std::string& LineSource::name() const {
  return state_->bytes.name();
}

}  // namespace persona4rec
