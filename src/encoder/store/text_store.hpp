// <workspace>/text.store: vectors of texts, kept between runs, so that no text is encoded twice. It holds those of any
// number of encoders side by side.
//
// Append-only. A header, then blocks of texts as their batches were finished; headers and blocks are padded with zeros
// to 64 bytes. All little endian:
// - header: "P4RTEXT\n", u32 version = 2, 44 zero bytes, u64 checksum of these 56 bytes
// - block header: u32 "BLCK", u32 texts, u32 dimensions, u32 zero, u64 plan (StoredEncoder), u64 checksum of the
//   content, u64 checksum of the 32 bytes before
// - block content: keys [texts] 16 bytes, flags [texts] u32 (bit 0: cut at the max length), f32 vectors
//   [texts, dimensions]
// A block's header is written when all the rest of it is on disk, and lies in one disk sector: a block is there as a
// whole or not at all. What a crash left at the end of the file is cut off when it is opened next. Other damage is an
// error; blocks are checked when they are first read.
//
// Throws Error kInput: no text store, another version, damaged; kOutput: cannot be written, or in use by another
// process. Thread-safety: one object, one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/mapped_file.hpp"

namespace persona4rec {

// The first half of a SHA-256.
struct TextKey {
  std::array<std::uint64_t, 2> words{};
  bool operator==(const TextKey&) const = default;
};

// `encoder` = its fingerprint, which covers max length and dtype; `text` carries its prefix.
[[nodiscard]] TextKey text_key(std::string_view encoder, std::string_view text);

// A number for what is computed together, never 0: the same keys in the same order give the same number.
[[nodiscard]] std::uint64_t plan_number(std::span<const TextKey> keys);

// Texts to be stored together, of one encoder.
struct TextBlock {
  std::span<const TextKey> keys;
  std::span<const float> vectors;           // [keys, dimensions] f32
  std::span<const std::uint8_t> truncated;  // [keys] 0 or 1
  std::uint64_t plan = 1;                   // never 0
};

class TextStore {
 public:
  // Makes the file (and its folder) where there is none, and locks it until the object ends.
  explicit TextStore(std::filesystem::path path);
  TextStore(const TextStore&) = delete;
  TextStore& operator=(const TextStore&) = delete;
  ~TextStore();

  struct Found {
    std::span<const std::byte> vector;  // [dimensions] f32, perhaps not aligned; valid until the next append
    bool truncated = false;
    std::uint64_t plan = 0;
  };
  // Nothing stored under the key: an empty vector.
  [[nodiscard]] Found find(const TextKey& key);

  // On disk when it returns. A key that is stored already keeps its vector. REQUIRES: keys.
  void append(const TextBlock& block);

  // For a vector that is not of the size its encoder makes.
  [[noreturn]] void fail_foreign(const Found& found, std::size_t dimensions) const;

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Block {
    std::uint64_t begin = 0;  // offset of its header
    std::uint32_t texts = 0;
    std::uint32_t dimensions = 0;
    std::uint64_t plan = 0;
    bool checked = false;
    [[nodiscard]] std::uint64_t bytes() const;  // with header and padding
  };
  // Of the index, which is open addressing by a key's mark; the key itself stands in the block.
  static constexpr std::uint32_t kFree = UINT32_MAX;
  struct Entry {
    std::uint32_t mark = 0;
    std::uint32_t block = kFree;
    std::uint32_t row = 0;
  };

  void lock();
  void start();
  void scan();
  [[nodiscard]] bool read_block(std::uint64_t begin);
  void index_block(const Block& block);
  void grow_index();
  [[nodiscard]] TextKey key_of(std::uint32_t block, std::uint32_t row) const;
  // The key's entry, or the free one where it would stand. REQUIRES: a free one.
  [[nodiscard]] std::size_t slot_of(const TextKey& key) const;
  [[nodiscard]] bool sound(const Block& block) const;
  void truncate(std::uint64_t size);
  void write(std::span<const std::byte> bytes, std::uint64_t offset);
  void map();
  [[noreturn]] void fail_damaged(std::uint64_t offset) const;
  [[noreturn]] void fail_output(int error) const;

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t end_ = 0;  // of the last sound block
  std::unique_ptr<MappedFile> mapped_;
  std::vector<Block> blocks_;
  std::vector<Entry> index_;  // a power of two of them, a quarter free at least
  std::size_t size_ = 0;      // those that are not
};

}  // namespace persona4rec
