// How many tokens a language model will count in a text, without knowing its tokenizer.
//
// An estimate for planning prompts and costs, on the safe side: on real reviews never more than 10 % below what
// byte-level BPE tokenizers count (checked against three of them in tests/base_token_estimate_test.cpp), on average
// 15 to 20 % above. Not an upper bound: that is one token a byte. Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <string_view>

namespace persona4rec {

// REQUIRES: valid UTF-8.
[[nodiscard]] std::uint64_t estimate_tokens(std::string_view text);

// estimate_tokens(text) > most? Of a text that is well below, as most are, it takes a look at the bytes alone.
[[nodiscard]] bool has_more_tokens(std::string_view text, std::uint64_t most);

}  // namespace persona4rec
