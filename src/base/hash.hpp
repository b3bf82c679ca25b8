// SHA-1 and SHA-256 (OpenSSL), as lower-case hex.
// Thread-safety: functions are re-entrant; a Sha256 object belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace persona4rec {

[[nodiscard]] std::string sha1_hex(std::string_view data);
[[nodiscard]] std::string sha256_hex(std::string_view data);

// Incremental SHA-256.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void update(std::string_view data);
  // Hex digest of everything so far; the object is spent afterwards.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Hash of a file's bytes. Throws Error kInput when it cannot be read (missing, a directory).
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path);

}  // namespace persona4rec
