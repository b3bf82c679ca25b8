// SentencePiece's compiled normalisation rules (precompiled_charsmap), applied as the `tokenizers` library applies
// them: grapheme by grapheme, the shortest rule that starts one. Thread-safety: const access from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona4rec {

class CharacterMap {
 public:
  CharacterMap() = default;  // no rules
  // `compiled`: u32 bytes of a double-array trie, the trie (u32 units), the replacements (NUL behind each).
  // Nothing when it is not that.
  [[nodiscard]] static std::optional<CharacterMap> parse(std::string_view compiled);

  // REQUIRES: UTF-8.
  [[nodiscard]] std::string normalize(std::string_view text) const;

 private:
  // The replacement of the shortest rule that starts `chunk`; nothing when none does.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view chunk) const;

  std::vector<std::uint32_t> trie_;  // Darts-clone units
  std::string replacements_;
};

}  // namespace persona4rec
