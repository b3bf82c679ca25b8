#include "personas/persona_problem.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "asking/sensitive_traits.hpp"
#include "base/bulk/sort_distinct.hpp"
#include "base/utf8.hpp"
#include "lexical/term_table.hpp"
#include "lexical/word_tokenizer.hpp"

namespace persona4rec {
namespace {

// Descriptions that share half of all their words say the same. Among the published personas (amazon and yelp samples,
// 1,200 pairs) the most alike pair reaches this, and a reader would call it a repetition.
constexpr double kSameDescription = 0.5;

// Each once, in a table of all descriptions; ascending.
std::vector<std::uint32_t> words_of(const std::string& text, TermTable& known) {
  static const WordTokenizer kTokenizer(StopWords::resolve("english"));
  std::vector<std::uint32_t> words;
  kTokenizer.for_each(text, [&](std::string_view word) { words.push_back(known.intern(word)); });
  sort_distinct(words);
  return words;
}

// Jaccard overlap.
double overlap(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::vector<std::uint32_t> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  const auto shared = static_cast<double>(both.size());
  const auto all = static_cast<double>(a.size() + b.size()) - shared;
  return all == 0 ? 1.0 : shared / all;
}

std::string pair_text(std::size_t a, std::size_t b) {
  return "personas[" + std::to_string(a) + "] and personas[" + std::to_string(b) + "]";
}

std::string repeated_support(const Json& persona, std::size_t index) {
  std::set<std::string> seen;
  for (const auto& id : persona.value("support", Json::array())) {
    if (seen.insert(id.get<std::string>()).second) continue;
    return "personas[" + std::to_string(index) + "].support: the review " + id.dump() + " is given twice";
  }
  return {};
}

std::string blank_field(const Json& persona, std::size_t index) {
  for (const auto* field : {"Name", "Description", "Preference_Rationale"}) {
    if (!trim(persona.at(field).get_ref<const std::string&>()).empty()) continue;
    return "personas[" + std::to_string(index) + "]." + field + ": is empty";
  }
  return {};
}

// What no persona may say of people, in whatever field.
std::string sensitive_field(const Json& persona, std::size_t index) {
  for (const auto* field : {"Name", "Description", "Preference_Rationale"}) {
    const auto found = sensitive_trait(persona.at(field).get_ref<const std::string&>());
    if (found.empty()) continue;
    return "personas[" + std::to_string(index) + "]." + field + ": \"" + found +
           "\" ascribes health, religion, politics, sex life or origin to people; leave that out";
  }
  return {};
}

}  // namespace

std::string persona_problem(const Json& answer) {
  TermTable known;
  std::vector<std::pair<std::string, std::vector<std::uint32_t>>> earlier;  // names and words of descriptions
  for (const auto& persona : answer.at("personas")) {
    const std::size_t index = earlier.size();
    if (auto problem = blank_field(persona, index); !problem.empty()) return problem;
    if (auto problem = repeated_support(persona, index); !problem.empty()) return problem;
    if (auto problem = sensitive_field(persona, index); !problem.empty()) return problem;
    const auto name = lower_utf8(trim(persona.at("Name").get_ref<const std::string&>()));
    auto words = words_of(persona.at("Description").get_ref<const std::string&>(), known);
    for (std::size_t i = 0; i < index; ++i) {
      if (earlier[i].first == name) return pair_text(i, index) + " have the same Name; give each its own";
      if (overlap(earlier[i].second, words) >= kSameDescription) {
        return pair_text(i, index) + " describe nearly the same person; merge them or say what sets them apart";
      }
    }
    earlier.emplace_back(name, std::move(words));
  }
  return {};
}

}  // namespace persona4rec
