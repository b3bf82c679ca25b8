// The two heads (docs/method.md, 6.2 Maps) that training puts on a frozen encoder, and their folder form (3_Router),
// which sentence-transformers loads: encode_query = norm(user_map norm(e - user_mean)), encode_document = the same with
// the persona side's. Thread-safety: value type, re-entrant functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persona4rec {

enum class HeadSide : std::uint8_t { kQuery, kDocument };  // users, personas

struct EncoderHead {
  std::size_t dimensions = 0;       // d
  std::vector<float> user_map;      // [d, d] f32 row-major; y = W x, no bias
  std::vector<float> persona_map;   // [d, d]
  std::vector<float> user_mean;     // [d], subtracted from encoder vectors before the map
  std::vector<float> persona_mean;  // [d]

  // Hex SHA-256 over all four.
  [[nodiscard]] std::string fingerprint() const;
};

// The head of a model folder; nothing when modules.json names no Router. Throws Error kInput naming the file when the
// Router is not of the form that write_encoder_head writes, or a file is broken.
[[nodiscard]] std::optional<EncoderHead> read_encoder_head(const std::filesystem::path& folder);

// vectors [n, d] f32 row-major, in place: v = norm(map norm(v - mean)), by the same map that `cache` uses
// (src/matching/head_map.hpp). A zero vector stays zero, and so does what has no direction left.
// REQUIRES: vectors.size() is a multiple of head.dimensions.
void apply_encoder_head(const EncoderHead& head, HeadSide side, std::span<float> vectors);

}  // namespace persona4rec
