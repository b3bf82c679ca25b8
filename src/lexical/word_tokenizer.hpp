// Text -> words: lower-case runs of at least two word characters (base/utf8.hpp: is_word), stop words left out.
// Thread-safety: const use from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "lexical/stop_words.hpp"

namespace persona4rec {

class WordTokenizer {
 public:
  static constexpr std::size_t kMinCharacters = 2;

  WordTokenizer() = default;  // no stop words
  explicit WordTokenizer(StopWords stop_words) : stop_words_(std::move(stop_words)) {}

  // Calls take(std::string_view) with every token in text order, repeats too; the view lives for the call.
  // REQUIRES: valid UTF-8.
  template <class Take>
  void for_each(std::string_view text, Take&& take) const {
    for_each_word(text, [&](std::string_view token) {
      if (!stop_words_.contains(token)) take(token);
    });
  }
  // ... stop words too.
  template <class Take>
  static void for_each_word(std::string_view text, Take&& take) {
    std::string lower;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      while (at < text.size() && kind_of(text[at]) == Kind::kPlain) ++at;
      if (at == text.size() || kind_of(text[at]) == Kind::kNone) {
        if (at - begin >= kMinCharacters) take(text.substr(begin, at - begin));  // as it stands
        ++at;
      } else if (lower_run(text, begin, at, lower) >= kMinCharacters) {
        take(std::string_view(lower));
      }
    }
  }
  [[nodiscard]] std::vector<std::string> tokens(std::string_view text) const;
  [[nodiscard]] const StopWords& stop_words() const { return stop_words_; }

 private:
  // Of a byte: a word character in small letters, no word character, or one that must be looked at more closely.
  enum class Kind : std::uint8_t { kNone, kPlain, kOther };
  [[nodiscard]] static Kind kind_of(char byte) { return kKinds[static_cast<unsigned char>(byte)]; }
  static constexpr std::array<Kind, 256> kKinds = [] {
    std::array<Kind, 256> kinds{};
    for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
      const auto c = static_cast<char>(byte);
      const bool is_plain = is_ascii_lower(c) || is_ascii_digit(c) || c == '_';
      const bool is_other = is_ascii_upper(c) || byte >= 0x80;
      kinds[byte] = is_plain ? Kind::kPlain : is_other ? Kind::kOther : Kind::kNone;
    }
    return kinds;
  }();
  // The run that begins at `begin`, in small letters; `at` moves behind the character that ends it. Returns its
  // characters.
  static std::size_t lower_run(std::string_view text, std::size_t begin, std::size_t& at, std::string& lower);

  StopWords stop_words_;
};

}  // namespace persona4rec
