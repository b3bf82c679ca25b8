#include "lexical/word_tokenizer.hpp"

namespace persona4rec {

std::size_t WordTokenizer::lower_run(std::string_view text, std::size_t begin, std::size_t& at, std::string& lower) {
  lower.assign(text, begin, at - begin);
  std::size_t characters = at - begin;
  while (at < text.size()) {
    if (is_ascii_letter(text[at])) {
      lower += ascii_lower(text[at++]);
      ++characters;
      continue;
    }
    const auto code_point = lower_code_point(next_code_point(text, at));
    if (!is_word(code_point)) break;
    append_utf8(lower, code_point);
    ++characters;
  }
  return characters;
}

std::vector<std::string> WordTokenizer::tokens(std::string_view text) const {
  std::vector<std::string> out;
  for_each(text, [&](std::string_view token) { out.emplace_back(token); });
  return out;
}

}  // namespace persona4rec
