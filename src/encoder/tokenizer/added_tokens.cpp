#include "encoder/tokenizer/added_tokens.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "encoder/tokenizer/bert_normalizer.hpp"

namespace persona4rec {
namespace {

bool touches_word(std::u32string_view text, std::size_t begin, std::size_t end) {
  return (begin > 0 && is_word(text[begin - 1])) || (end < text.size() && is_word(text[end]));
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::ranges::stable_sort(tokens_, std::ranges::greater{},
                           [](const AddedToken& token) { return token.content.size(); });
  for (const auto& token : tokens_) {
    if (first_.find(token.content.front()) == std::u32string::npos) first_ += token.content.front();
  }
}

const AddedToken* AddedTokens::longest_at(std::u32string_view text, std::size_t at) const {
  for (const auto& token : tokens_) {
    if (text.substr(at).starts_with(token.content)) return &token;
  }
  return nullptr;
}

std::vector<TextPiece> AddedTokens::split(std::u32string_view text) const {
  std::vector<TextPiece> pieces;
  std::size_t done = 0;  // everything before it is in `pieces`
  const auto stretch_to = [&](std::size_t end) {
    if (done < end) pieces.push_back({.text = text.substr(done, end - done)});
  };
  for (std::size_t at = text.find_first_of(first_); at < text.size();) {
    const AddedToken* token = longest_at(text, at);
    std::size_t begin = at;
    std::size_t end = at + (token == nullptr ? 1 : token->content.size());
    at = text.find_first_of(first_, end);
    if (token == nullptr || (token->single_word && touches_word(text, begin, end))) continue;
    while (token->strip_left && begin > done && is_white_space(text[begin - 1])) --begin;
    while (token->strip_right && end < text.size() && is_white_space(text[end])) ++end;
    stretch_to(begin);
    pieces.push_back({.id = token->id});
    done = end;
  }
  stretch_to(text.size());
  return pieces;
}

}  // namespace persona4rec
