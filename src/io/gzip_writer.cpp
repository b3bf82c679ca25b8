#include "io/gzip_writer.hpp"

#include <zlib.h>

#include <vector>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{1} << 16U;
constexpr int kGzipWindowBits = 15 + 16;  // zlib: the largest window, a gzip header
constexpr int kMemoryLevel = 8;           // zlib's default

int flush_mode(GzipWriter::End end) {
  if (end == GzipWriter::End::kFinish) return Z_FINISH;
  return end == GzipWriter::End::kFlush ? Z_SYNC_FLUSH : Z_NO_FLUSH;
}

}  // namespace

struct GzipWriter::State {
  z_stream zlib = {};
  std::vector<char> chunk = std::vector<char>(kPackedBytes);
};

GzipWriter::GzipWriter() : state_(std::make_unique<State>()) {
  if (deflateInit2(&state_->zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw internal_error("zlib could not be started");
}

GzipWriter::~GzipWriter() {
  deflateEnd(&state_->zlib);
}

void GzipWriter::pack(std::string_view bytes, End end, std::string& packed) {
  auto& s = *state_;
  while (!bytes.empty() || end != End::kNone) {
    const auto part = bytes.substr(0, UINT32_MAX / 2);
    bytes.remove_prefix(part.size());
    const int mode = bytes.empty() ? flush_mode(end) : Z_NO_FLUSH;
    s.zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    s.zlib.avail_in = static_cast<uInt>(part.size());
    do {
      s.zlib.next_out = reinterpret_cast<Bytef*>(s.chunk.data());
      s.zlib.avail_out = static_cast<uInt>(s.chunk.size());
      deflate(&s.zlib, mode);
      packed.append(s.chunk.data(), s.chunk.size() - s.zlib.avail_out);
    } while (s.zlib.avail_out == 0);
    if (bytes.empty()) return;
  }
}

}  // namespace persona4rec
