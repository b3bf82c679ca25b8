#include "encoder/model_folder/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "encoder/model_folder/model_json.hpp"
#include "io/cache/embedding_file.hpp"
#include "io/output_file.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little endian, and so are we");

constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kMaxHeader = 16U << 20U;  // some 100,000 tensors; the format allows 100 MB

constexpr std::pair<std::string_view, std::size_t> kElementSizes[] = {
    {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"I64", 8}, {"U64", 8},
    {"I32", 4}, {"U32", 4}, {"I16", 2}, {"U16", 2},  {"I8", 1},      {"U8", 1},      {"BOOL", 1}};

[[noreturn]] void refuse_file(const std::filesystem::path& path, const std::string& message) {
  throw input_error({.file = path.string()}, message);
}

// The JSON header's text.
std::string_view header_text(const std::filesystem::path& path, std::string_view file) {
  refuse_foreign_file(path, file, "safetensors weights");
  std::uint64_t size = 0;
  if (file.size() < kSizeBytes)
    refuse_file(path, "truncated: " + std::to_string(file.size()) + " bytes, no safetensors header");
  std::memcpy(&size, file.data(), kSizeBytes);
  if (file.size() == kSizeBytes || file[kSizeBytes] != '{') refuse_file(path, "not a safetensors file");
  if (size > kMaxHeader)
    refuse_file(path,
                "expected a header of at most " + std::to_string(kMaxHeader) + " bytes, got " + std::to_string(size));
  if (size > file.size() - kSizeBytes) {
    refuse_file(
        path, "truncated: a header of " + std::to_string(size) + " bytes in a file of " + std::to_string(file.size()));
  }
  return file.substr(kSizeBytes, size);
}

class HeaderReader {
 public:
  HeaderReader(const std::filesystem::path& path, std::span<const std::byte> data) : path_(path), data_(data) {}

  TensorViews read(const ModelJson& header) {
    TensorViews tensors;
    for (const auto& [name, entry] : header.value().items()) {
      if (name == "__metadata__") continue;
      tensors.emplace(name, tensor(name, ModelJson(header, entry, name)));
    }
    check_layout();
    return tensors;
  }

 private:
  TensorView tensor(const std::string& name, const ModelJson& json) {
    TensorView view{.dtype = json.text("dtype"), .shape = integers(json, "shape")};
    const auto offsets = integers(json, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1]) json.fail("data_offsets", "expected [begin, end]");
    const auto begin = static_cast<std::size_t>(offsets[0]);
    const auto end = static_cast<std::size_t>(offsets[1]);
    if (end > data_.size()) {
      refuse_file(path_, "truncated: tensor \"" + name + "\" ends at byte " + std::to_string(end) +
                             " of the data, the file has " + std::to_string(data_.size()));
    }
    check_size(json, view, end - begin);
    view.bytes = data_.subspan(begin, end - begin);
    ranges_.emplace_back(begin, end);
    return view;
  }

  static std::vector<std::int64_t> integers(const ModelJson& json, std::string_view field) {
    std::vector<std::int64_t> values;
    for (const auto& value : json.array(field)) {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > (std::uint64_t{1} << 48U)) {
        json.fail(field, "expected integers >= 0");
      }
      values.push_back(value.get<std::int64_t>());
    }
    return values;
  }

  static void check_size(const ModelJson& json, const TensorView& view, std::size_t bytes) {
    const std::size_t element = element_size(view.dtype);
    if (element == 0) json.fail("dtype", "unknown dtype \"" + view.dtype + "\"");
    std::size_t expected = element;
    for (const auto size : view.shape) {
      if (__builtin_mul_overflow(expected, static_cast<std::size_t>(size), &expected)) json.fail("shape", "too large");
    }
    if (expected == bytes) return;
    json.fail("data_offsets", "expected " + std::to_string(expected) + " bytes for " + view.dtype + " " +
                                  shape_text(view.shape) + ", got " + std::to_string(bytes));
  }

  void check_layout() {
    std::ranges::sort(ranges_);
    std::size_t end = 0;
    for (const auto& [begin, next] : ranges_) {
      if (begin != end)
        refuse_file(path_, "damaged: tensors overlap or leave a gap at byte " + std::to_string(end) + " of the data");
      end = next;
    }
    if (end != data_.size())
      refuse_file(path_, "damaged: " + std::to_string(data_.size() - end) + " bytes after the last tensor");
  }

  const std::filesystem::path& path_;
  std::span<const std::byte> data_;
  std::vector<std::pair<std::size_t, std::size_t>> ranges_;
};

std::string header_of(const TensorViews& tensors) {
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t end = offset + tensor.bytes.size();
    header[name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // tensors start aligned
  return text;
}

}  // namespace

std::size_t element_size(std::string_view dtype) {
  for (const auto& [name, size] : kElementSizes) {
    if (name == dtype) return size;
  }
  return 0;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

bool is_float_dtype(std::string_view dtype) {
  return dtype == "F32" || dtype == "F16" || dtype == "BF16";
}

namespace {

// An exponent of ones alone: infinity or NaN.
template <class Bits>
bool has_full_exponent(std::span<const std::byte> bytes, Bits exponent) {
  bool found = false;
  for (std::size_t at = 0; at + sizeof(Bits) <= bytes.size(); at += sizeof(Bits)) {
    Bits bits = 0;
    std::memcpy(&bits, bytes.data() + at, sizeof(bits));
    found |= (bits & exponent) == exponent;
  }
  return found;
}

}  // namespace

bool is_finite(const TensorView& tensor) {
  if (tensor.dtype == "F32") return !has_full_exponent<std::uint32_t>(tensor.bytes, 0x7F800000);
  return !has_full_exponent<std::uint16_t>(tensor.bytes, tensor.dtype == "F16" ? 0x7C00 : 0x7F80);
}

std::vector<float> to_f32(const TensorView& tensor) {
  std::vector<float> values(tensor.bytes.size() / element_size(tensor.dtype));
  if (values.empty()) return values;
  if (tensor.dtype == "F32") {
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }
  const bool half = tensor.dtype == "F16";
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, tensor.bytes.data() + i * sizeof(bits), sizeof(bits));
    values[i] = half ? to_float(bits) : std::bit_cast<float>(std::uint32_t{bits} << 16U);
  }
  return values;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path) {
  const std::string_view text = header_text(path, file_.text());
  const ModelJson header(path, text);
  tensors_ = HeaderReader(path, file_.bytes().subspan(kSizeBytes + text.size())).read(header);
}

void write_safetensors(const std::filesystem::path& path, const TensorViews& tensors) {
  const std::string header = header_of(tensors);
  const std::uint64_t size = header.size();
  OutputFile out(path);
  out.write({reinterpret_cast<const char*>(&size), sizeof(size)});
  out.write(header);
  for (const auto& [name, tensor] : tensors) {
    out.write({reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()});
  }
  out.commit();
}

}  // namespace persona4rec
