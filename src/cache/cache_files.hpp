// Writers of the cache's files, rows as they come. All are committed by the call that ends them (rename inside the
// folder that OutputFolder brings to the disk and swaps in later). Throws Error kOutput.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/cache/embedding_file.hpp"
#include "io/output_file.hpp"
#include "lexical/sparse.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

// Throws Error kInput where `line` holds a line end.
void refuse_line_end(std::string_view line, const std::filesystem::path& path);

// Headerless, little-endian.
template <class T>
void write_values(OutputFile& file, std::span<const T> values) {
  file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

// Headerless fp16 rows: what numpy.memmap reads.
class HalfMatrixWriter {
 public:
  explicit HalfMatrixWriter(const std::filesystem::path& path) : file_(OutputFile::in_folder(path)) {}
  void append(std::span<const float> values);
  void commit() { file_.commit(); }

 private:
  OutputFile file_;
  std::vector<Half> block_;
};

// A JSON object of lists, {"key": ["a", "b"], ...}, one key at a time.
class JsonListsWriter {
 public:
  explicit JsonListsWriter(const std::filesystem::path& path) : file_(OutputFile::in_folder(path)) { file_.write("{"); }
  void append(std::string_view key, const std::vector<std::string>& values);
  void commit();

 private:
  OutputFile file_;
  std::string text_;  // of the key that is written
  bool first_ = true;
};

// Throws Error kInput: a line that holds a line end, which the file cannot carry.
void write_lines(const std::filesystem::path& path, std::size_t count, auto&& line_of) {
  auto file = OutputFile::in_folder(path);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& line = line_of(i);
    refuse_line_end(line, path);
    file.write(line);
    file.write("\n");
  }
  file.commit();
}

// <prefix>.begin.u64.mmap [rows + 1], <prefix>.terms.u32.mmap, <prefix>.weights.f32.mmap [entries]: CSR, little-endian.
class SparseMatrixWriter {
 public:
  SparseMatrixWriter(const std::filesystem::path& folder, const std::string& prefix);
  void append(SparseView row);
  void commit();

 private:
  OutputFile begin_;
  OutputFile terms_;
  OutputFile weights_;
  std::uint64_t entries_ = 0;
};

void write_sparse_matrix(const std::filesystem::path& folder, const std::string& prefix, const SparseMatrix& matrix);

}  // namespace persona4rec
