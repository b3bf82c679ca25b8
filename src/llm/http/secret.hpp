// The API key. It comes from the environment, goes into one request header, and nowhere else: everything that a server
// sends passes redact() before anyone sees it, since servers like to quote the key in their errors.
// Thread-safety: const access from any thread.
#pragma once

#include <string>
#include <string_view>

namespace persona4rec {

class Secret {
 public:
  Secret() = default;  // none
  // Throws Error kUsage (without the value) when it cannot stand in a header: control characters, line ends.
  explicit Secret(std::string value);
  // $OPENAI_API_KEY.
  [[nodiscard]] static Secret from_environment();

  [[nodiscard]] bool empty() const { return value_.empty(); }
  // For the request header alone.
  [[nodiscard]] const std::string& value() const { return value_; }

  // Replaces the key by "[key]": plain, as JSON escapes it, as a URL encodes it. Keys of fewer than 8 characters are
  // the dummies of local servers ("EMPTY", "ollama") and ordinary words: they stay.
  void redact(std::string& text) const;

 private:
  std::string value_;
};

}  // namespace persona4rec
