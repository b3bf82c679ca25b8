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

std::string to_text(const std::vector<AddedToken>& tokens) {
  std::string text;
  for (const auto& token : tokens) {
    text += to_utf8(token.content) + " " + std::to_string(token.id);
    for (const bool flag : {token.single_word, token.strip_left, token.strip_right, token.normalized}) {
      text += flag ? " 1" : " 0";
    }
    text += '\n';
  }
  return text;
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::u32string& content = tokens_[i].content;
    if (content.empty()) continue;
    places_.try_emplace(content, static_cast<std::int32_t>(i));
    lengths_.push_back(content.size());
    first_ += content.front();
  }
  std::ranges::sort(lengths_, std::ranges::greater{});
  lengths_.erase(std::ranges::unique(lengths_).begin(), lengths_.end());
  std::ranges::sort(first_);
  first_.erase(std::ranges::unique(first_).begin(), first_.end());
}

const AddedToken* AddedTokens::longest_at(std::u32string_view text, std::size_t at) const {
  for (const std::size_t length : lengths_) {
    if (length > text.size() - at) continue;
    const auto found = places_.find(text.substr(at, length));
    if (found != places_.end()) return &tokens_[static_cast<std::size_t>(found->second)];
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
