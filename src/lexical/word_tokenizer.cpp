#include "lexical/word_tokenizer.hpp"

namespace persona4rec {

std::vector<std::string> WordTokenizer::tokens(std::string_view text) const {
  std::vector<std::string> out;
  for_each(text, [&](std::string_view token) { out.emplace_back(token); });
  return out;
}

}  // namespace persona4rec
