#include "offline/cues.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <sstream>

#include "base/ascii.hpp"
#include "base/bulk/word_list.hpp"
#include "lexical/term_table.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxClauseWords = 14;

constexpr std::string_view kJudging = R"(
admirable adequate affordable amazing amateurish annoying appalling attentive authentic average awesome awful awkward bad
beautiful beautifully best better bitter bland boring brilliant broken catchy charming cheap classic clean clear clever
cheesy cold comfortable confusing convenient cozy crappy creative crisp dazzling decent defective delicate delicious delightful
depressing dirty disappointed disappointing disappointment dreadful dry dull durable easy elegant energetic engaging enjoyable
epic essential excellent exceptional exciting expensive exquisite extraordinary fabulous fantastic fascinating fast favorite
favourite filler fine flawless flimsy forgettable fragile fresh friendly frustrating fun funny generic gentle genuine
gorgeous greasy great greatest haunting hilarious horrible impressed impressive incredible inspired inspiring intense
interesting intimate irritating laughable lazy lackluster lame legendary lively loud lousy love loved lovely lush magical
magnificent marvelous masterful masterpiece mediocre melancholy mellow memorable messy moving muddy noisy okay original
outdated outstanding overcooked overpriced overrated painful passable pathetic perfect perfection phenomenal pleasant poor
poorly powerful predictable pretentious pretty pricey profound quirky quiet raw reasonable refreshing relaxing reliable repetitive rich
rough rude sad salty satisfying shallow sharp slick sloppy slow smooth soft solid soothing soulful spectacular spicy stale
sterile strong stunning stupid sturdy stylish sublime subtle superb superior sweet tasteless tasty tedious tender terrible terrific
tight timeless tired touching tough true ugly unbearable undercooked underrated unforgettable uninspired unique unpleasant unusual
useful useless vibrant warm waste watery weak well-made wonderful worst worth worthless yummy
)";

constexpr std::array<std::string_view, 38> kPurposeCues{
    "bought this", "bought it",   "bought the",    "purchased",   "ordered",        "got this for",  "got it for",
    "as a gift",   "a gift",      "as a present",  "for my",      "for our",        "for his",       "for her",
    "birthday",    "anniversary", "christmas",     "in order to", "wanted",         "needed",        "looking for",
    "to replace",  "replacement", "my collection", "decided to",  "recommended by", "came here for", "came here to",
    "stopped in",  "stopped by",  "we went",       "i went",      "celebrat",       "to celebrate",  "because i",
    "so that i",   "for a quick", "date night"};

constexpr std::array<std::string_view, 36> kContextCues{
    "when i",       "when we",     "when you",      "whenever",     "while",       "during",
    "every day",    "every night", "at night",      "in the car",   "in my car",   "on the road",
    "at work",      "at home",     "with my",       "with friends", "with family", "with the kids",
    "my kids",      "driving",     "workout",       "working out",  "tonight",     "in the morning",
    "this morning", "last night",  "evening",       "weekend",      "summer",      "at a party",
    "for dinner",   "for lunch",   "for breakfast", "bedtime",      "back in",     "as a kid"};

const TermTable& judging() {
  static const auto kWords = [] {
    std::istringstream in{std::string(kJudging)};
    TermTable table;
    for (std::string word; in >> word;) table.intern(word);
    return table;
  }();
  return kWords;
}

bool is_copula(const TextWord& word) {
  static constexpr WordList kCopulas(
      std::to_array<std::string_view>({"is", "was", "are", "were", "sounds", "tastes", "feels", "seems"}));
  return kCopulas.contains(word.lower);
}

// The phrase around the judging word at `at`: with the content words behind it, else with "<noun> is" before it.
std::string_view phrase_at(std::string_view sentence, const std::vector<TextWord>& words, std::size_t at) {
  std::size_t end = at + 1;
  while (end < words.size() && end - at <= 2 && words[end].joined && !words[end].stop) ++end;
  if (end > at + 1) return span_of(sentence, words[at], words[end - 1]);
  std::size_t copula = at;  // adverbs may stand between
  while (copula > 0 && at - copula < 3 && words[copula].joined && !is_copula(words[copula])) --copula;
  const bool judged =
      copula > 0 && copula < at && is_copula(words[copula]) && words[copula].joined && !words[copula - 1].stop;
  return span_of(sentence, words[judged ? copula - 1 : at], words[at]);
}

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

// A cue stands at the beginning of a word and ends with one.
bool is_cue_at(std::string_view text, std::size_t at, std::string_view cue) {
  return text.substr(at).starts_with(cue) && (at + cue.size() >= text.size() || !is_letter(text[at + cue.size()]));
}

// Cues by their first letter: the sentence is read once, whatever their number.
class CueTable {
 public:
  explicit CueTable(std::span<const std::string_view> cues) {
    for (const auto cue : cues) by_letter_[static_cast<std::size_t>(cue[0] - 'a')].push_back(cue);
  }

  // Byte offset of the first cue in a lower-cased sentence; npos without one.
  [[nodiscard]] std::size_t first_in(std::string_view lower) const {
    bool inside = false;  // a word
    for (std::size_t at = 0; at < lower.size(); ++at) {
      const bool begins = is_letter(lower[at]) && !inside;
      inside = is_letter(lower[at]);
      if (!begins) continue;
      const auto& cues = by_letter_[static_cast<std::size_t>(lower[at] - 'a')];
      if (std::ranges::any_of(cues, [&](auto cue) { return is_cue_at(lower, at, cue); })) return at;
    }
    return std::string_view::npos;
  }

 private:
  std::array<std::vector<std::string_view>, 26> by_letter_;
};

const CueTable& table_of(Cue cue) {
  static const CueTable kPurpose(kPurposeCues);
  static const CueTable kContext(kContextCues);
  return cue == Cue::kPurpose ? kPurpose : kContext;
}

}  // namespace

bool is_judging(std::string_view lower) {
  return judging().find(lower).has_value();
}

std::size_t judging_words(const std::vector<TextWord>& words) {
  return static_cast<std::size_t>(
      std::ranges::count_if(words, [](const TextWord& word) { return is_judging(word.lower); }));
}

std::vector<std::string> judging_phrases(std::string_view sentence) {
  return judging_phrases(sentence, words_in(sentence));
}

std::vector<std::string> judging_phrases(std::string_view sentence, const std::vector<TextWord>& words) {
  std::vector<std::string> phrases;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (is_judging(words[at].lower)) phrases.emplace_back(phrase_at(sentence, words, at));
  }
  return phrases;
}

std::optional<std::string> cue_clause(std::string_view sentence, const std::vector<TextWord>& words, Cue cue) {
  const auto begin = table_of(cue).first_in(ascii_lower(sentence));
  if (begin == std::string::npos) return std::nullopt;
  const auto first = std::ranges::find_if(words, [&](const TextWord& word) { return word.begin >= begin; });
  if (first == words.end()) return std::nullopt;
  auto last = first;
  while (last + 1 != words.end() && (last + 1)->joined && static_cast<std::size_t>(last - first) + 1 < kMaxClauseWords)
    ++last;
  return std::string(span_of(sentence, *first, *last));
}

}  // namespace persona4rec
