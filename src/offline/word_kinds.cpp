#include "offline/word_kinds.hpp"

#include <sstream>
#include <string>
#include <vector>

#include "lexical/stop_words.hpp"
#include "lexical/term_table.hpp"

namespace persona4rec {
namespace {

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

class KindTable {
 public:
  KindTable() {
    const auto english = StopWords::resolve("english");
    const auto& stop_words = english.words();
    for (std::uint32_t i = 0; i < stop_words.size(); ++i) kind_of(stop_words.term(i)).stop = true;
    std::istringstream in{std::string(kJudging)};
    for (std::string word; in >> word;) kind_of(word).judging = true;
  }

  [[nodiscard]] WordKind of(std::string_view lower) const {
    const auto word = words_.find(lower);
    return word ? kinds_[*word] : WordKind{};
  }

 private:
  WordKind& kind_of(std::string_view word) {
    const auto number = words_.intern(word);
    if (number == kinds_.size()) kinds_.emplace_back();
    return kinds_[number];
  }

  TermTable words_;
  std::vector<WordKind> kinds_;  // [words]
};

}  // namespace

WordKind word_kind(std::string_view lower) {
  static const KindTable kKinds;
  return kKinds.of(lower);
}

}  // namespace persona4rec
