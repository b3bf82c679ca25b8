// safetensors files: u64 header size (little endian), a JSON header {name: {dtype, shape, data_offsets}}, raw tensors.
// https://huggingface.co/docs/safetensors. Reading is a memory mapping, nothing is copied.
//
// Errors name the file and the tensor; an LFS pointer, a zip, a pickle and a truncated file are called by their name.
// Thread-safety: const access from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/mapped_file.hpp"

namespace persona4rec {

// A tensor somewhere in memory: row-major, little endian. A view: the bytes belong to someone else.
struct TensorView {
  std::string dtype;  // as safetensors writes it: "F32", "F16", "BF16", "I64", ...
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};
using TensorViews = std::map<std::string, TensorView, std::less<>>;

// Bytes of one element; 0 for a dtype that the format does not know.
[[nodiscard]] std::size_t element_size(std::string_view dtype);
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);  // "[30522, 384]"

// F32, F16 or BF16 values as f32. REQUIRES: one of these dtypes.
[[nodiscard]] std::vector<float> to_f32(const TensorView& tensor);
[[nodiscard]] bool is_float_dtype(std::string_view dtype);  // one of these three
// No infinity, no NaN. REQUIRES: one of these dtypes.
[[nodiscard]] bool is_finite(const TensorView& tensor);

class SafetensorsFile {
 public:
  // Checks everything: header, names, dtypes, offsets (in order, without gaps, inside the file), sizes against shapes.
  explicit SafetensorsFile(const std::filesystem::path& path);

  // Views live as long as this object.
  [[nodiscard]] const TensorViews& tensors() const { return tensors_; }

 private:
  MappedFile file_;
  TensorViews tensors_;
};

// Writes the tensors in name order with metadata {"format": "pt"}, as transformers and sentence-transformers do; equal
// tensors give equal bytes. All or nothing. Throws Error kOutput.
void write_safetensors(const std::filesystem::path& path, const TensorViews& tensors);

}  // namespace persona4rec
