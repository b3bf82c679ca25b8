#include <string>
#include <utility>
#include <vector>

#include "asking/sensitive_traits.hpp"
#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/html.hpp"
#include "base/utf8.hpp"
#include "offline/answers.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kNamePhrases = 2;
constexpr std::size_t kMaxKindBytes = 80;
constexpr std::size_t kMaxTextBytes = 700;

// Metadata may speak of people too ("for Jewish families").
std::string unless_sensitive(const std::string& text, const std::string& instead) {
  return is_sensitive(text) ? instead : text;
}

}  // namespace

Json offline_prospective(const Json& facts) {
  const auto title = plain_text(facts.value("item_title", ""));
  const auto description = plain_text(facts.value("item_description", ""));
  auto summary = facts.value("item_summary", "");
  if (trim(summary).empty()) {
    summary = offline_summary({{"title", title}, {"description", description}}).at("item_summary").get<std::string>();
  }
  std::string name;
  for (const auto& phrase : key_phrases(sentences_of(description.empty() ? title : description), kNamePhrases)) {
    name += name.empty() ? "" : ", ";
    name += phrase;
  }
  if (name.empty()) name = title.empty() ? summary : title;
  const std::string plain = "Who likes its kind";
  name = unless_sensitive(excerpt(name, kMaxKindBytes), plain);
  const auto said = unless_sensitive(as_sentence(excerpt(summary, kMaxTextBytes)), plain + ".");
  const auto why = unless_sensitive(as_sentence(excerpt(title.empty() ? summary : title, kMaxTextBytes)), plain + ".");
  const Json persona = {{"Name", with_ascii_capital(name)},
                        {"Description", said},
                        {"Preference_Rationale", why},
                        {"Affinities", Json::array()}};
  return {{"personas", Json::array({persona})}};
}

}  // namespace persona4rec
