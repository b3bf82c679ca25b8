#include "base/hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <fstream>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::string to_hex(const unsigned char* bytes, unsigned int size) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(std::size_t{size} * 2);
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4U];
    text += kDigits[bytes[i] & 15U];
  }
  return text;
}

std::string digest_hex(std::string_view data, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), bytes.data(), &size, kind, nullptr) != 1) {
    throw internal_error("OpenSSL could not make a digest");
  }
  return to_hex(bytes.data(), size);
}

}  // namespace

std::string sha1_hex(std::string_view data) {
  return digest_hex(data, EVP_sha1());
}
std::string sha256_hex(std::string_view data) {
  return digest_hex(data, EVP_sha256());
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
      throw internal_error("OpenSSL could not start a digest");
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view data) {
  EVP_DigestUpdate(state_->context, data.data(), data.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, bytes.data(), &size);
  return to_hex(bytes.data(), size);
}

std::string sha256_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) throw input_error({.file = path.string()}, "cannot be read");
  Sha256 hash;
  std::string buffer(std::size_t{1} << 20U, '\0');
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    hash.update(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  return hash.hex();
}

}  // namespace persona4rec
