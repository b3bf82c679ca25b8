// `encode`: texts -> a .npy matrix, to look at an encoder and to compare it with peers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "persona4rec/encoder.hpp"
#include "persona4rec/encoder_head.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

struct EncodeOptions {
  std::filesystem::path input = "-";  // texts; "-" = stdin, .gz is taken
  std::filesystem::path output;       // .npy, '<f4', C order, [n, d]; required
  std::string field;                  // JSONL field that holds the text; empty = plain text, one text a line
  std::string prefix;                 // put before every text ("query: "); empty = none
  std::optional<HeadSide> side;       // apply this side of the head, if the folder has one; default: none
  std::filesystem::path token_ids;    // also writes the token ids, one JSON array a text; empty = not
  TokenizeFn tokenize;                // makes them; REQUIRED with token_ids
  std::uint64_t max_bad_rows = 0;     // rows skipped and counted before a bad one is an error
  bool force = false;                 // mixed-up inputs become warnings
  ProgressFn progress;                // empty = silent
};

struct EncodeReport {
  EncodeCounts counts;
  std::size_t dimensions = 0;
  std::uint64_t bad_rows = 0;  // skipped
  bool head_applied = false;
  double seconds = 0;  // encoding alone, without reading and writing
  [[nodiscard]] double texts_per_second() const {
    return seconds > 0 ? static_cast<double>(counts.encoded) / seconds : 0;
  }
  [[nodiscard]] double tokens_per_second() const {
    return seconds > 0 ? static_cast<double>(counts.tokens) / seconds : 0;
  }
};

// Reads options.input, writes options.output and its meta and run files. `head` may be null.
// An empty text is encoded like any other. Throws Error kInput (file:line) and kOutput.
[[nodiscard]] EncodeReport encode(const EncodeOptions& options, TextEncoder& encoder, const EncoderHead* head);

}  // namespace persona4rec
