#include "encoder/tokenizer/unigram.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/hash.hpp"
#include "encoder/tokenizer/bert_normalizer.hpp"
#include "encoder/tokenizer/code_points.hpp"

namespace persona4rec {
namespace {

constexpr char32_t kMark = U'\u2581';     // stands for the space before a word
constexpr double kUnknownPenalty = 10.0;  // below the least probable piece

// The best way to reach a place inside a word.
struct Step {
  double score = -std::numeric_limits<double>::infinity();
  std::size_t begin = 0;  // of its last piece
  std::int32_t id = -1;   // < 0: not reached
};

void improve(Step& step, double score, std::size_t begin, std::int32_t id) {
  if (step.id < 0 || score > step.score) step = {score, begin, id};
}

}  // namespace

Unigram::Unigram(UnigramSpec spec, const std::string& source) : spec_(std::move(spec)) {
  double least = 0;
  for (std::size_t id = 0; id < spec_.pieces.size(); ++id) {
    std::u32string piece = to_code_points(spec_.pieces[id].text);
    longest_ = std::max(longest_, piece.size());
    least = std::min(least, spec_.pieces[id].score);
    ids_[std::move(piece)] = static_cast<std::int32_t>(id);
  }
  unknown_score_ = least - kUnknownPenalty;
  id_count_ = spec_.pieces.size();
  for (const auto& token : spec_.added) id_count_ = std::max(id_count_, static_cast<std::size_t>(token.id) + 1);
  fingerprint_ = sha256_hex("unigram\n" + source + (spec_.reconfigured ? "\n" + to_text(spec_.added) : ""));
  added_ = make_added_token_sets(spec_.added, [this](std::u32string_view text) { return normalize(text); });
}

// The most probable pieces (Viterbi). Unknown code points cost more than any piece; neighbours make one token.
void Unigram::append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const {
  std::vector<Step> steps(word.size() + 1);
  steps[0] = {0, 0, 0};
  for (std::size_t begin = 0; begin < word.size(); ++begin) {
    for (std::size_t size = 1; size <= std::min(longest_, word.size() - begin); ++size) {
      const auto found = ids_.find(word.substr(begin, size));
      if (found != ids_.end()) {
        const double score = spec_.pieces[static_cast<std::size_t>(found->second)].score;
        improve(steps[begin + size], score + steps[begin].score, begin, found->second);
      } else if (size == 1) {
        improve(steps[begin + 1], unknown_score_ + steps[begin].score, begin, spec_.unknown);
      }
    }
  }
  const std::size_t first = ids.size();
  for (std::size_t end = word.size(); end > 0; end = steps[end].begin) {
    const bool repeated_unknown = steps[end].id == spec_.unknown && ids.size() > first && ids.back() == spec_.unknown;
    if (!repeated_unknown) ids.push_back(steps[end].id);
  }
  std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(first), ids.end());
}

// Metaspace: a mark before the text, spaces become marks, a mark starts a word.
void Unigram::append_marked(std::u32string_view text, std::vector<std::int32_t>& ids) const {
  std::u32string marked;
  if (!text.starts_with(kMark) && !text.starts_with(U' ')) marked += kMark;
  marked += text;
  std::ranges::replace(marked, U' ', kMark);
  for (std::size_t begin = 0; begin < marked.size();) {
    const std::size_t end = std::min(marked.find(kMark, begin + 1), marked.size());
    append_word(std::u32string_view(marked).substr(begin, end - begin), ids);
    begin = end;
  }
}

std::u32string Unigram::normalize(std::u32string_view text) const {
  std::u32string out = to_code_points(spec_.character_map.normalize(to_utf8(text)));
  if (spec_.strip_right) {
    while (!out.empty() && is_white_space(out.back())) out.pop_back();
  }
  if (spec_.strip_left)
    out.erase(0, static_cast<std::size_t>(std::ranges::find_if_not(out, is_white_space) - out.begin()));
  if (spec_.double_spaces.empty()) return out;
  const std::u32string replacement = to_code_points(spec_.double_spaces);
  for (std::size_t at = out.find(U"  "); at != std::u32string::npos; at = out.find(U"  ", at + replacement.size())) {
    out.replace(at, std::min(out.find_first_not_of(U' ', at), out.size()) - at, replacement);
  }
  return out;
}

void Unigram::append_stretch(std::u32string_view text, std::vector<std::int32_t>& ids) const {
  if (!spec_.split_words) {
    if (!text.empty()) append_marked(text, ids);
    return;
  }
  for (auto at = text.begin(); at != text.end();) {
    at = std::find_if_not(at, text.end(), is_white_space);
    const auto end = std::find_if(at, text.end(), is_white_space);
    if (at != end) append_marked(std::u32string_view(at, end), ids);
    at = end;
  }
}

TokenizedText Unigram::tokenize(std::string_view text, std::size_t max_length) const {
  const auto normalized = [this](std::u32string_view stretch) { return normalize(stretch); };
  const auto append = [this](std::u32string_view stretch, std::vector<std::int32_t>& ids) {
    append_stretch(stretch, ids);
  };
  return framed_tokens(model_tokens(text, added_, normalized, append), spec_.frame, max_length);
}

}  // namespace persona4rec
