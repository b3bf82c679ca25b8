// The vectors of the personas of a cache, as they are scored: the cache's file mapped, or a copy of it in huge pages,
// of 16 or of 8 bits a value. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "io/cache/embedding_file.hpp"
#include "persona4rec/rerank.hpp"

namespace persona4rec {

class PersonaRows {
 public:
  PersonaRows() = default;
  // Mapped. Throws Error kInput as MappedHalfMatrix does.
  PersonaRows(const std::filesystem::path& path, std::size_t rows, std::size_t dimensions);

  // On all processors. Throws Error kUsage where there is no memory for a copy. REQUIRES: mapped, nobody asks
  // meanwhile.
  void store(VectorStorage storage);

  // As the file has it.
  [[nodiscard]] std::span<const Half> row(std::size_t i) const { return file_.row(i); }
  // <row, vector>, nothing where the row is all zero. Meanwhile row `ahead` is fetched into the cache.
  [[nodiscard]] std::optional<float> similarity(std::size_t row, std::span<const float> vector,
                                                std::size_t ahead) const;

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  using HugePages = std::unique_ptr<std::byte, Free>;

  [[nodiscard]] static HugePages allocate(std::size_t bytes);
  void copy();
  void shorten();
  // Calls work(first, end) for parts of the rows, on all processors.
  template <class Work>
  void for_rows(const Work& work) const;

  MappedHalfMatrix file_;
  HugePages copy_;                // empty = mapped
  const Half* halves_ = nullptr;  // of the file or of the copy
  const std::int8_t* bytes_ = nullptr;
  std::vector<float> scales_;  // [rows] of bytes_; 0 = no vector
};

}  // namespace persona4rec
