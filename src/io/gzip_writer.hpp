// Bytes packed as one gzip member, without name or time in it: equal bytes give equal files.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace persona4rec {

// Thread-safety: one object, one thread. Throws Error kInternal when zlib cannot be started.
class GzipWriter {
 public:
  GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;
  ~GzipWriter();

  enum class End { kNone, kFlush, kFinish };
  // Appends what `bytes` become to `packed`. kFlush: so that a reader has all that was given so far; kFinish: the end.
  void pack(std::string_view bytes, End end, std::string& packed);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
