#include "asking/sensitive_traits.hpp"

#include <array>
#include <vector>

#include "base/ascii.hpp"
#include "base/bulk/word_list.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr WordList kTraits(std::to_array<std::string_view>(
    {"african-american", "alcoholic",    "anorexic",     "arab",       "asian",     "atheist",      "autistic",
     "bipolar",          "bisexual",     "black",        "buddhist",   "catholic",  "caucasian",    "christian",
     "communist",        "conservative", "democrat",     "democratic", "depressed", "diabetic",     "disabled",
     "evangelical",      "gay",          "heterosexual", "hindu",      "hispanic",  "hiv-positive", "homosexual",
     "infertile",        "jewish",       "latina",       "latino",     "lesbian",   "liberal",      "mormon",
     "muslim",           "protestant",   "queer",        "republican", "sikh",      "socialist",    "suicidal",
     "transgender",      "white"}));
constexpr WordList kPersons(std::to_array<std::string_view>(
    {"adult",     "adults",    "americans", "believer",  "believers", "buyer",     "buyers",     "congregant",
     "couple",    "couples",   "customer",  "customers", "families",  "family",    "father",     "female",
     "females",   "gentleman", "guest",     "guests",    "guy",       "guys",      "household",  "households",
     "husband",   "ladies",    "lady",      "listener",  "listeners", "male",      "males",      "man",
     "men",       "mom",       "mother",    "parent",    "parents",   "patient",   "patients",   "people",
     "person",    "reader",    "readers",   "shopper",   "shoppers",  "supporter", "supporters", "user",
     "users",     "viewer",    "viewers",   "voter",     "voters",    "wife",      "woman",      "women",
     "worshipper"}));
constexpr WordList kSaying(std::to_array<std::string_view>({"am", "are", "being", "devout", "i'm", "identifies", "is",
                                                            "openly", "practicing", "practising"}));
constexpr WordList kIllnesses(std::to_array<std::string_view>({"addiction", "adhd", "aids", "alcoholism", "alzheimer's",
                                                               "anorexia", "anxiety", "asthma", "autism", "cancer",
                                                               "dementia", "depression", "diabetes", "epilepsy", "hiv",
                                                               "infertility", "migraines", "ptsd", "schizophrenia"}));
constexpr WordList kPatients(std::to_array<std::string_view>({"patient", "patients", "sufferer", "sufferers",
                                                              "survivor", "survivors"}));

struct Token {
  std::string text;
  bool ends = false;  // a mark stands behind it, or nothing
};

constexpr auto kWordBytes = [] {
  std::array<bool, 256> is{};
  for (std::size_t byte = 0; byte < is.size(); ++byte) {
    const auto c = static_cast<char>(byte);
    is.at(byte) = is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '\'' || byte >= 0x80;
  }
  return is;
}();

bool is_word_byte(char c) {
  return kWordBytes[static_cast<unsigned char>(c)];
}

// Every rule below begins with a word of these: most texts have none and are done with.
bool has_trait_or_illness(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto begin = at;
    unsigned all = 0;
    for (; at < text.size() && is_word_byte(text[at]); ++at) all |= static_cast<unsigned char>(text[at]);
    if (at == begin) continue;
    const auto bytes = at - begin;
    const char first = ascii_lower(text[begin]);
    const bool in_ascii = all < 0x80;  // small letters of others may be fewer bytes
    if (in_ascii && !kTraits.may_contain(bytes, first) && !kIllnesses.may_contain(bytes, first)) continue;
    const auto word = lower_utf8(text.substr(begin, bytes));
    if (kTraits.contains(word) || kIllnesses.contains(word)) return true;
  }
  return false;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    while (at < text.size() && is_word_byte(text[at])) ++at;
    if (at > begin) {
      tokens.push_back({lower_utf8(text.substr(begin, at - begin)), true});
      continue;
    }
    if (text[at] == ' ' && !tokens.empty() && at > 0 && is_word_byte(text[at - 1])) tokens.back().ends = false;
    ++at;
  }
  if (!tokens.empty()) tokens.back().ends = true;
  return tokens;
}

// Does the noun or adjective at `at` stand for the whole of a person: "is a Muslim", "is gay and ..."?
bool closes(const std::vector<Token>& tokens, std::size_t at) {
  static constexpr WordList kBehind(
      std::to_array<std::string_view>({"and", "but", "from", "in", "of", "or", "that", "who", "with"}));
  return tokens[at].ends || kBehind.contains(tokens[at + 1].text);
}

bool is_trait_of_person(const std::vector<Token>& tokens, std::size_t at) {
  if (!kTraits.contains(tokens[at].text)) return false;
  if (!tokens[at].ends && kPersons.contains(tokens[at + 1].text)) return true;
  auto before = at;
  if (before > 0 && (tokens[before - 1].text == "a" || tokens[before - 1].text == "an")) --before;
  // Colours and moods say something else of things ("is black", "the lyrics are liberal").
  static constexpr WordList kOfThings(
      std::to_array<std::string_view>({"black", "conservative", "democratic", "disabled", "liberal", "white"}));
  const bool a_person = before < at || !kOfThings.contains(tokens[at].text);
  return before > 0 && a_person && kSaying.contains(tokens[before - 1].text) && closes(tokens, at);
}

bool is_illness_of_person(const std::vector<Token>& tokens, std::size_t at) {
  if (!kIllnesses.contains(tokens[at].text)) return false;
  if (!tokens[at].ends && kPatients.contains(tokens[at + 1].text)) return true;
  if (at < 2) return false;
  const auto& verb = tokens[at - 2].text;
  const auto& with = tokens[at - 1].text;
  return (with == "from" && (verb == "suffers" || verb == "suffering" || verb == "suffer")) ||
         (with == "with" && (verb == "diagnosed" || verb == "living" || verb == "lives"));
}

bool is_vote(const std::vector<Token>& tokens, std::size_t at) {
  const auto& word = tokens[at].text;
  return at > 0 && (word == "republican" || word == "democrat" || word == "conservative" || word == "liberal") &&
         (tokens[at - 1].text == "votes" || tokens[at - 1].text == "voting" || tokens[at - 1].text == "vote");
}

}  // namespace

std::string sensitive_trait(std::string_view text) {
  if (!has_trait_or_illness(text)) return {};
  const auto tokens = tokens_of(text);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (!is_trait_of_person(tokens, at) && !is_illness_of_person(tokens, at) && !is_vote(tokens, at)) continue;
    const bool with_next = !tokens[at].ends && kPersons.contains(tokens[at + 1].text);
    return (at > 0 ? tokens[at - 1].text + " " : "") + tokens[at].text + (with_next ? " " + tokens[at + 1].text : "");
  }
  return {};
}

}  // namespace persona4rec
