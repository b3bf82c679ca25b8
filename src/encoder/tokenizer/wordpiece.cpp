#include "encoder/tokenizer/wordpiece.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "encoder/tokenizer/code_points.hpp"

namespace persona4rec {
namespace {

std::string spec_fingerprint(const WordPieceSpec& spec) {
  Sha256 hash;
  const auto number = [&](std::int64_t value) { hash.update(std::to_string(value) + ","); };
  hash.update("wordpiece " + spec.continuation + "\n");
  for (const std::int32_t id : {spec.unknown, spec.frame.first, spec.frame.last}) number(id);
  number(static_cast<std::int64_t>(spec.max_word_length));
  const auto& normalizer = spec.normalizer;
  for (const bool flag :
       {normalizer.clean_text, normalizer.handle_chinese_chars, normalizer.strip_accents, normalizer.lowercase}) {
    number(flag ? 1 : 0);
  }
  for (const auto& token : spec.added) {
    for (const char32_t c : token.content) number(static_cast<std::int64_t>(c));
    number(token.id);
    for (const bool flag : {token.single_word, token.strip_left, token.strip_right, token.normalized})
      number(flag ? 1 : 0);
  }
  for (const auto& [token, id] : spec.vocabulary) hash.update(token + "\n" + std::to_string(id) + "\n");
  return hash.hex();
}

// Equal tokenizers from vocab.txt and from tokenizer.json shall have one fingerprint.
void sort_spec(WordPieceSpec& spec) {
  std::ranges::stable_sort(spec.vocabulary, {}, &std::pair<std::string, std::int32_t>::second);
  std::ranges::stable_sort(spec.added, {}, &AddedToken::id);
}

}  // namespace

WordPiece::WordPiece(WordPieceSpec spec) : spec_(std::move(spec)) {
  sort_spec(spec_);
  fingerprint_ = spec_fingerprint(spec_);
  const std::u32string mark = to_code_points(spec_.continuation);
  for (const auto& [text, id] : spec_.vocabulary) {
    const std::u32string token = to_code_points(text);
    starts_[token] = id;
    if (!mark.empty() && token.starts_with(mark)) continuations_[token.substr(mark.size())] = id;
    longest_ = std::max(longest_, token.size());
    id_count_ = std::max(id_count_, static_cast<std::size_t>(id) + 1);
  }
  longest_ = std::min(longest_, spec_.max_word_length);
  for (const auto& token : spec_.added) id_count_ = std::max(id_count_, static_cast<std::size_t>(token.id) + 1);
  added_ = make_added_token_sets(spec_.added,
                                 [this](std::u32string_view text) { return bert_normalize(text, spec_.normalizer); });
}

// Greedy: the longest token that starts the rest, again and again; a word with a rest that none starts is unknown.
void WordPiece::append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const {
  const std::size_t before = ids.size();
  bool known = word.size() <= spec_.max_word_length;
  for (std::size_t begin = 0; known && begin < word.size();) {
    const TokenIds& vocabulary = begin == 0 ? starts_ : continuations_;
    std::size_t size = std::min(word.size() - begin, longest_);
    auto found = vocabulary.find(word.substr(begin, size));
    while (found == vocabulary.end() && size > 1) found = vocabulary.find(word.substr(begin, --size));
    known = found != vocabulary.end();
    if (known) ids.push_back(found->second);
    begin += size;
  }
  if (known) return;
  ids.resize(before);
  ids.push_back(spec_.unknown);
}

TokenizedText WordPiece::tokenize(std::string_view text, std::size_t max_length) const {
  const auto normalize = [this](std::u32string_view stretch) { return bert_normalize(stretch, spec_.normalizer); };
  const auto append = [this](std::u32string_view stretch, std::vector<std::int32_t>& ids) {
    for (const auto word : bert_words(stretch)) append_word(word, ids);
  };
  return framed_tokens(model_tokens(text, added_, normalize, append), spec_.frame, max_length);
}

}  // namespace persona4rec
