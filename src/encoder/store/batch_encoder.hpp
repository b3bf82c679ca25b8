// An encoder that computes a window of texts batch by batch and hands each batch out as soon as it is there, so that
// whole batches can be kept when a run is interrupted. Which texts form a batch depends on the window alone.
// Thread-safety: one object, one thread; `finished` is called from any thread, several at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

// The texts of some rows, all different.
struct TextWindow {
  std::span<const std::string> texts;
  std::span<const std::size_t> rows;    // the window's members: rows of `texts`
  std::span<const std::uint8_t> known;  // [members] 1 = has its vector already; empty = none has
};

struct EncodedBatch {
  std::span<const std::size_t> members;     // places in TextWindow::rows; may include known ones
  std::span<const float> vectors;           // [members, dimensions] f32
  std::span<const std::uint8_t> truncated;  // [members] 1 = cut at the max length
  std::size_t tokens = 0;
};
using BatchFn = std::function<void(const EncodedBatch& batch)>;

class BatchEncoder : public TextEncoder {
 public:
  [[nodiscard]] virtual std::size_t max_length() const = 0;  // tokens at which a text is cut

  // Calls `finished` once for every batch of the window with a member that is not known. Throws as encode(), also what
  // `finished` throws, and Error kSignal between batches.
  virtual void encode_window(const TextWindow& window, const BatchFn& finished) = 0;
};

}  // namespace persona4rec
