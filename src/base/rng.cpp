#include "base/rng.hpp"

#include <string>

#include "base/hash.hpp"

namespace persona4rec {

Rng::Rng(std::uint64_t seed, std::string_view salt)
    : state_(std::stoull(sha256_hex(std::to_string(seed) + "|" + std::string(salt)).substr(0, 16), nullptr, 16)) {}

}  // namespace persona4rec
