#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/excerpt.hpp"
#include "base/html.hpp"
#include "base/utf8.hpp"
#include "offline/answers.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxListBytes = 300;     // all lists together
constexpr std::size_t kMaxSummaryBytes = 420;  // all sentences together
constexpr std::size_t kMaxOneSentenceBytes = 300;
constexpr std::size_t kFewestContentWords = 3;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Categories, keywords, facts: words and separators, no sentence.
bool is_list(std::string_view line) {
  const auto sentences = sentences_of(line);
  if (sentences.size() != 1 || std::string_view(".!?").find(line.back()) != std::string_view::npos) return false;
  const auto words = words_in(line);
  const auto small = std::ranges::count_if(words, [](const TextWord& word) { return word.stop && !word.capital; });
  return small * 5 <= static_cast<std::ptrdiff_t>(words.size());
}

bool is_informative(std::string_view sentence) {
  const auto words = words_in(sentence);
  const auto content = std::ranges::count_if(words, [](const TextWord& word) { return !word.stop; });
  return content >= static_cast<std::ptrdiff_t>(kFewestContentWords);
}

class Summary {
 public:
  explicit Summary(std::string_view title) { add(as_sentence(title)); }

  void add_list(std::string_view line) {
    const auto list = excerpt(line, kMaxListBytes - std::min(list_bytes_, kMaxListBytes - 1));
    if (list_bytes_ + line.size() / 2 > kMaxListBytes) return;  // less than half of it would be left
    list_bytes_ += list.size();
    add(as_sentence(list));
  }

  void add_sentence(std::string_view sentence) {
    const auto shown = excerpt(sentence, kMaxOneSentenceBytes);
    if (full_ || !is_informative(sentence)) return;
    full_ = sentence_bytes_ > 0 && sentence_bytes_ + shown.size() > kMaxSummaryBytes;
    if (full_) return;
    sentence_bytes_ += shown.size();
    add(as_sentence(shown));
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(const std::string& sentence) {
    if (sentence.empty() || !seen_.insert(lower_utf8(sentence)).second) return;
    text_ += (text_.empty() ? "" : " ") + sentence;
  }

  std::string text_;
  std::set<std::string> seen_;
  std::size_t list_bytes_ = 0;
  std::size_t sentence_bytes_ = 0;
  bool full_ = false;
};

}  // namespace

Json offline_summary(const Json& facts) {
  const auto description = plain_text(facts.value("description", ""));
  Summary summary(plain_text(facts.value("title", "")));
  std::vector<std::string_view> texts;
  for (const auto line : lines_of(description)) {
    if (line.empty()) continue;
    if (is_list(line)) {
      summary.add_list(line);
    } else {
      texts.push_back(line);
    }
  }
  for (const auto text : texts) {
    for (const auto& sentence : sentences_of(text)) summary.add_sentence(sentence);
  }
  return {{"item_summary", summary.text()}};
}

}  // namespace persona4rec
