#include "encoder/store/text_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "io/folder_lock.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::array<char, 8> kMagic = {'P', '4', 'R', 'T', 'E', 'X', 'T', '\n'};
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kBlockMagic = 0x4B434C42;   // "BLCK"
constexpr std::uint64_t kUnit = 64;                 // what headers and blocks are padded to
constexpr std::uint32_t kMostDimensions = 1 << 20;  // above it a size is damage; none overflows below

struct FileHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::array<std::uint32_t, 11> zeros{};
  std::uint64_t checksum = 0;
};
static_assert(sizeof(FileHeader) == kUnit);

struct BlockHeader {
  std::uint32_t magic = kBlockMagic;
  std::uint32_t texts = 0;
  std::uint32_t dimensions = 0;
  std::uint32_t zero = 0;
  std::uint64_t plan = 0;
  std::uint64_t content_checksum = 0;
  std::uint64_t checksum = 0;
};
static_assert(sizeof(BlockHeader) == 40);

constexpr std::size_t kFirstEntries = 1024;

std::uint32_t mark_of(const TextKey& key) {
  return static_cast<std::uint32_t>(key.words[0]);
}

constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15;

// Against torn writes and flipped bits, not against people: FNV-1a over 64-bit words, with a stirring of high bits.
std::uint64_t checksum(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0xCBF29CE484222325 ^ bytes.size();
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    sum = (sum ^ word) * kMix;
    sum ^= sum >> 32U;
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
  sum = (sum ^ rest) * kMix;
  return sum ^ (sum >> 29U);
}

template <class Header>
std::span<const std::byte> bytes_of(const Header& header) {
  return std::as_bytes(std::span(&header, 1));
}

template <class Header>
std::uint64_t own_checksum(const Header& header) {
  return checksum(bytes_of(header).first(sizeof(header) - sizeof(header.checksum)));
}

template <class Header>
Header read_header(std::span<const std::byte> bytes) {
  Header header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

std::uint64_t hex_word(std::string_view hex) {
  std::uint64_t word = 0;
  for (const char c : hex) word = word << 4U | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return word;
}

}  // namespace

TextKey text_key(std::string_view encoder, std::string_view text) {
  Sha256 hash;
  hash.update(encoder);
  hash.update("\n");
  hash.update(text);
  const std::string hex = hash.hex();
  return {{hex_word(std::string_view(hex).substr(0, 16)), hex_word(std::string_view(hex).substr(16, 16))}};
}

std::uint64_t plan_number(std::span<const TextKey> keys) {
  Sha256 hash;
  const auto bytes = std::as_bytes(keys);
  hash.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const std::string hex = hash.hex();
  return std::max<std::uint64_t>(hex_word(std::string_view(hex).substr(0, 16)), 1);
}

TextStore::TextStore(std::filesystem::path path) : path_(std::move(path)) {
  lock();
  try {
    map();
    if (mapped_->bytes().size() < sizeof(FileHeader)) start();
    scan();
  } catch (...) {
    ::close(file_);
    throw;
  }
}

TextStore::~TextStore() {
  // And with it the lock. What was written is on disk already (write()), so that a failure loses nothing.
  if (::close(file_) != 0) log_warning(path_.string() + ": cannot be closed: " + std::strerror(errno));
}

void TextStore::lock() {
  std::error_code error;
  if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), error);
  if (error) throw output_error(path_.parent_path().string(), error.message());
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) fail_output(errno);
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  const std::string holder = lock_holder(file_);
  ::close(file_);
  if (reason != EWOULDBLOCK) fail_output(reason);
  throw output_error(path_.string(), "is in use by another run of persona4rec" + holder +
                                         ": wait until it has ended, or give this one another --workspace");
}

void TextStore::map() {
  mapped_.reset();
  mapped_ = std::make_unique<MappedFile>(path_);
}

// A new file, or one that a crash left with part of its header.
void TextStore::start() {
  FileHeader header;
  header.checksum = own_checksum(header);
  const auto found = mapped_->bytes();
  const bool ours =
      all_zero(found) || std::ranges::equal(found.first(std::min(found.size(), kMagic.size())),
                                            bytes_of(header).first(std::min(found.size(), kMagic.size())));
  if (!ours) throw input_error({.file = path_.string()}, "is not a text store");
  write(bytes_of(header), 0);
  map();
}

void TextStore::scan() {
  const auto header = read_header<FileHeader>(mapped_->bytes());
  const Place place{.file = path_.string()};
  if (header.magic != kMagic) throw input_error(place, "is not a text store");
  if (header.version != kVersion) {
    throw input_error(place, "is a text store of format " + std::to_string(header.version) +
                                 ", this program makes format " + std::to_string(kVersion) +
                                 "; remove it, its vectors will be computed anew");
  }
  if (header.checksum != own_checksum(header)) fail_damaged(0);
  end_ = sizeof(FileHeader);
  while (read_block(end_)) {
  }
  const std::uint64_t size = mapped_->bytes().size();
  if (end_ == size) return;
  log_warning(path_.string() + ": cut off " + std::to_string(size - end_) + " bytes that an interrupted run left");
  truncate(end_);
}

// Takes the block at `begin`; false where the file ends or only an unfinished block follows.
bool TextStore::read_block(std::uint64_t begin) {
  const auto rest = mapped_->bytes().subspan(begin);
  if (rest.size() < sizeof(BlockHeader)) return false;
  const auto header = read_header<BlockHeader>(rest);
  if (header.magic != kBlockMagic || header.checksum != own_checksum(header)) {
    if (all_zero(bytes_of(header))) return false;  // the last thing to be written, and it was not
    fail_damaged(begin);
  }
  if (header.texts == 0 || header.dimensions == 0 || header.dimensions > kMostDimensions || header.plan == 0)
    fail_damaged(begin);
  Block block{.begin = begin, .texts = header.texts, .dimensions = header.dimensions, .plan = header.plan};
  const std::uint64_t bytes = block.bytes();
  if (bytes > rest.size()) return false;
  if (bytes == rest.size()) {  // the last one: only it can be unfinished
    block.checked = sound(block);
    if (!block.checked) return false;
  }
  index_block(block);
  end_ = begin + bytes;
  return true;
}

void TextStore::index_block(const Block& block) {
  blocks_.push_back(block);
  const auto number = static_cast<std::uint32_t>(blocks_.size() - 1);
  for (std::uint32_t row = 0; row < block.texts; ++row) {
    if (4 * (size_ + 1) > 3 * index_.size()) grow_index();
    const TextKey key = key_of(number, row);
    Entry& entry = index_[slot_of(key)];
    if (entry.block != kFree) continue;
    entry = {.mark = mark_of(key), .block = number, .row = row};
    ++size_;
  }
}

void TextStore::grow_index() {
  const auto before = std::exchange(index_, std::vector<Entry>(std::max(kFirstEntries, 2 * index_.size())));
  const std::size_t mask = index_.size() - 1;
  for (const Entry& entry : before) {
    if (entry.block == kFree) continue;
    std::size_t slot = entry.mark & mask;
    while (index_[slot].block != kFree) slot = (slot + 1) & mask;
    index_[slot] = entry;
  }
}

TextKey TextStore::key_of(std::uint32_t block, std::uint32_t row) const {
  TextKey key;
  const auto at = blocks_[block].begin + sizeof(BlockHeader) + row * sizeof(key);
  std::memcpy(&key, mapped_->bytes().data() + at, sizeof(key));
  return key;
}

std::size_t TextStore::slot_of(const TextKey& key) const {
  const std::size_t mask = index_.size() - 1;
  const std::uint32_t mark = mark_of(key);
  for (std::size_t slot = mark & mask;; slot = (slot + 1) & mask) {
    const auto& [known, block, row] = index_[slot];
    if (block == kFree || (known == mark && key_of(block, row) == key)) return slot;
  }
}

std::uint64_t TextStore::Block::bytes() const {
  const std::uint64_t row = sizeof(TextKey) + sizeof(std::uint32_t) + std::uint64_t{dimensions} * sizeof(float);
  return (sizeof(BlockHeader) + texts * row + kUnit - 1) / kUnit * kUnit;
}

bool TextStore::sound(const Block& block) const {
  const auto bytes = mapped_->bytes().subspan(block.begin, block.bytes());
  return checksum(bytes.subspan(sizeof(BlockHeader))) == read_header<BlockHeader>(bytes).content_checksum;
}

TextStore::Found TextStore::find(const TextKey& key) {
  if (index_.empty()) return {};
  const Entry& entry = index_[slot_of(key)];
  if (entry.block == kFree) return {};
  Block& block = blocks_[entry.block];
  if (!block.checked) {
    if (!sound(block)) fail_damaged(block.begin);
    block.checked = true;
  }
  const std::uint64_t flags = block.begin + sizeof(BlockHeader) + block.texts * sizeof(TextKey);
  const std::uint64_t vectors = flags + block.texts * sizeof(std::uint32_t);
  const std::uint64_t bytes = std::uint64_t{block.dimensions} * sizeof(float);
  std::uint32_t flag = 0;
  std::memcpy(&flag, mapped_->bytes().data() + flags + entry.row * sizeof(flag), sizeof(flag));
  return {.vector = mapped_->bytes().subspan(vectors + entry.row * bytes, bytes),
          .truncated = flag != 0,
          .plan = block.plan};
}

void TextStore::append(const TextBlock& added) {
  const Block block{.begin = end_,
                    .texts = static_cast<std::uint32_t>(added.keys.size()),
                    .dimensions = static_cast<std::uint32_t>(added.vectors.size() / added.keys.size()),
                    .plan = added.plan,
                    .checked = true};
  const std::vector<std::uint32_t> flags(added.truncated.begin(), added.truncated.end());
  std::vector<std::byte> content;
  for (const auto part : {std::as_bytes(added.keys), std::as_bytes(std::span(flags)), std::as_bytes(added.vectors)}) {
    content.insert(content.end(), part.begin(), part.end());
  }
  content.resize(block.bytes() - sizeof(BlockHeader));
  BlockHeader header{
      .texts = block.texts, .dimensions = block.dimensions, .plan = block.plan, .content_checksum = checksum(content)};
  header.checksum = own_checksum(header);
  write(content, end_ + sizeof(header));
  write(bytes_of(header), end_);
  map();
  index_block(block);
  end_ += block.bytes();
}

void TextStore::truncate(std::uint64_t size) {
  mapped_.reset();
  if (::ftruncate(file_, static_cast<off_t>(size)) != 0) fail_output(errno);
  map();
}

// All of it, on disk when it returns; or the file is as before.
void TextStore::write(std::span<const std::byte> bytes, std::uint64_t offset) {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto rest = bytes.subspan(done);
    const ssize_t written = ::pwrite(file_, rest.data(), rest.size(), static_cast<off_t>(offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int reason = written < 0 ? errno : ENOSPC;
      if (::ftruncate(file_, static_cast<off_t>(end_)) != 0) log_warning(path_.string() + ": " + std::strerror(errno));
      fail_output(reason);
    }
    done += static_cast<std::size_t>(written);
  }
  if (::fdatasync(file_) != 0) fail_output(errno);
}

void TextStore::fail_damaged(std::uint64_t offset) const {
  throw input_error({.file = path_.string()},
                    "damaged at byte " + std::to_string(offset) + "; remove it, its vectors will be computed anew");
}

void TextStore::fail_foreign(const Found& found, std::size_t dimensions) const {
  throw input_error({.file = path_.string()}, "holds a vector of " +
                                                  std::to_string(found.vector.size() / sizeof(float)) +
                                                  " dimensions of an encoder that makes " + std::to_string(dimensions) +
                                                  "; remove it, its vectors will be computed anew");
}

void TextStore::fail_output(int error) const {
  throw output_error(path_.string(), std::strerror(error));
}

}  // namespace persona4rec
