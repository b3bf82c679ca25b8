#include "encoder/model_folder/zip_archive.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Offsets and signatures: PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kLocatorSize = 20;
constexpr std::uint32_t kIn64 = std::numeric_limits<std::uint32_t>::max();  // "the value is in the zip64 field"

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t offset = 0;
};

struct Entry {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t header = 0;  // offset of the local header
  std::size_t next = 0;      // offset of the next entry
};

class ZipReader {
 public:
  ZipReader(const std::filesystem::path& path, std::span<const std::byte> file) : path_(path), file_(file) {}

  [[nodiscard]] Directory directory() const {
    const std::size_t end = find_end();
    Directory found{.entries = number<std::uint16_t>(end + 10), .offset = number<std::uint32_t>(end + 16)};
    if (found.entries != 0xFFFF && found.offset != kIn64) return found;
    if (end < kLocatorSize) fail("no zip64 directory");
    const auto end64 = number<std::uint64_t>(end - kLocatorSize + 8);
    if (number<std::uint32_t>(end64) != kEnd64) fail("no zip64 directory");
    return {.entries = number<std::uint64_t>(end64 + 32), .offset = number<std::uint64_t>(end64 + 48)};
  }

  [[nodiscard]] Entry entry(std::size_t at) const {
    if (number<std::uint32_t>(at) != kCentralHeader) fail("a broken directory");
    const std::size_t name_size = number<std::uint16_t>(at + 28);
    const std::size_t extra_size = number<std::uint16_t>(at + 30);
    Entry entry{.name = text(at + 46, name_size),
                .size = number<std::uint32_t>(at + 24),
                .header = number<std::uint32_t>(at + 42),
                .next = at + 46 + name_size + extra_size + number<std::uint16_t>(at + 32)};
    if (number<std::uint16_t>(at + 10) != 0) fail("member \"" + entry.name + "\" is compressed");
    read_zip64(at + 46 + name_size, extra_size, number<std::uint32_t>(at + 20) == kIn64, entry);
    return entry;
  }

  [[nodiscard]] std::span<const std::byte> bytes(const Entry& entry) const {
    if (number<std::uint32_t>(entry.header) != kLocalHeader) fail("a broken member \"" + entry.name + "\"");
    const std::uint64_t begin =
        entry.header + 30 + number<std::uint16_t>(entry.header + 26) + number<std::uint16_t>(entry.header + 28);
    if (begin > file_.size() || entry.size > file_.size() - begin) fail("truncated");
    return file_.subspan(begin, entry.size);
  }

 private:
  // The end record is the last thing in the file, behind it only a comment of at most 64 KiB.
  [[nodiscard]] std::size_t find_end() const {
    if (file_.size() < kEndSize) fail("truncated or no zip archive");
    const std::size_t last = file_.size() - kEndSize;
    for (std::size_t back = 0; back <= std::min<std::size_t>(last, 0xFFFF); ++back) {
      if (number<std::uint32_t>(last - back) == kEnd) return last - back;
    }
    fail("truncated or no zip archive: its directory is missing");
  }

  // The zip64 field holds, in this order, those of size, packed size and header that did not fit.
  void read_zip64(std::size_t at, std::size_t size, bool has_packed_size, Entry& entry) const {
    const std::size_t end = at + size;
    while (at + 4 <= end) {
      const auto id = number<std::uint16_t>(at);
      std::size_t field = at + 4;
      at = field + number<std::uint16_t>(at + 2);
      if (id != 1) continue;
      if (entry.size == kIn64) entry.size = take(field);
      if (has_packed_size) take(field);
      if (entry.header == kIn64) entry.header = take(field);
    }
  }

  std::uint64_t take(std::size_t& at) const {
    const auto value = number<std::uint64_t>(at);
    at += sizeof(value);
    return value;
  }

  template <class Number>
  [[nodiscard]] Number number(std::uint64_t at) const {
    Number value = 0;
    if (at > file_.size() || file_.size() - at < sizeof(value)) fail("truncated");
    std::memcpy(&value, file_.data() + at, sizeof(value));
    return value;
  }

  [[nodiscard]] std::string text(std::size_t at, std::size_t size) const {
    if (at > file_.size() || file_.size() - at < size) fail("truncated");
    return {reinterpret_cast<const char*>(file_.data() + at), size};
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw input_error({.file = path_.string()}, "zip archive: " + message);
  }

  const std::filesystem::path& path_;
  std::span<const std::byte> file_;
};

}  // namespace

std::map<std::string, std::span<const std::byte>> read_stored_zip(const std::filesystem::path& path,
                                                                  std::span<const std::byte> file) {
  const ZipReader zip(path, file);
  const Directory directory = zip.directory();
  std::map<std::string, std::span<const std::byte>> members;
  std::size_t at = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const Entry entry = zip.entry(at);
    members.emplace(entry.name, zip.bytes(entry));
    at = entry.next;
  }
  return members;
}

}  // namespace persona4rec
