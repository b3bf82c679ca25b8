// Texts by the terms of a vocabulary, as the offline provider reads them.
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {

// The vocabulary's terms in texts, each once, ascending.
[[nodiscard]] std::vector<std::uint32_t> terms_in(const Vocabulary& vocabulary, std::span<const std::string> texts);

// (1 + ln tf) * idf at unit length, but for rounding Vocabulary::vector(); empty when the text holds none of the terms.
[[nodiscard]] SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text);
// ... of a text in which these terms were found, repeats too, in any order.
[[nodiscard]] SparseVector term_vector(const Vocabulary& vocabulary, std::vector<std::uint32_t> found);
// ... of those of `terms` alone. REQUIRES: strictly increasing.
[[nodiscard]] SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text,
                                       std::span<const std::uint32_t> terms);

}  // namespace persona4rec
