#include "offline/quoter.hpp"

#include <algorithm>
#include <cmath>

#include "asking/sensitive_traits.hpp"
#include "base/utf8.hpp"
#include "offline/text.hpp"

namespace persona4rec {

std::string Quoter::quote(const ReviewGroup& group, std::size_t max_bytes, bool judging) {
  const auto& centre = group.centre;
  for (std::size_t at = 0; at < centre.size(); ++at) open_[centre.terms[at]] = centre.weights[at];
  std::vector<std::pair<std::size_t, std::size_t>> chosen;
  std::size_t bytes = 0;
  while (bytes < max_bytes) {
    const auto best = best_sentence(group, max_bytes - bytes, judging);
    if (!best) break;
    const auto& sentence = reviews_[best->first].sentences[best->second];
    if (is_sensitive(sentence.text)) {  // is not repeated, whoever said it
      used_.insert(lower_utf8(sentence.text));
      continue;
    }
    bytes += sentence.text.size() + 1;
    for (const auto term : sentence.terms) open_[term] = 0;
    used_.insert(lower_utf8(sentence.text));
    chosen.push_back(*best);
  }
  for (const auto term : centre.terms) open_[term] = 0;
  std::ranges::sort(chosen);
  std::string text;
  for (const auto& [member, sentence] : chosen) {
    text += (text.empty() ? "" : " ") + as_sentence(reviews_[member].sentences[sentence].text);
  }
  return text;
}

Quoter::Choice Quoter::best_sentence(const ReviewGroup& group, std::size_t room, bool judging) const {
  Choice best;
  double highest = 0;
  for (const auto member : group.members) {
    for (std::size_t s = 0; s < reviews_[member].sentences.size(); ++s) {
      const auto& sentence = reviews_[member].sentences[s];
      if (!sentence.quotable || sentence.text.size() > room || (judging && sentence.judging == 0)) continue;
      const double score = gain(sentence);
      if (score <= highest || used_.contains(lower_utf8(sentence.text))) continue;
      highest = score;
      best = {member, s};
    }
  }
  return best;
}

// Weight of the group's terms that the sentence would add, for its length.
double Quoter::gain(const OfflineSentence& sentence) const {
  double sum = 0;
  for (const auto term : sentence.terms) sum += open_[term];
  return sum / std::sqrt(static_cast<double>(sentence.text.size()));
}

}  // namespace persona4rec
