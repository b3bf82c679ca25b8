#include "lexical/stop_words.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include "base/hash.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

struct Language {
  std::string_view name;
  std::string_view words;  // separated by white space
};

// The shipped stop lists, one entry a language: add a language by adding its words. Words are what the tokenizer makes
// of a text, so the halves of contractions stand alone ("don't" -> "don"; single letters never become tokens).
// Articles, pronouns, prepositions, conjunctions, auxiliaries and their contractions: no word that can carry taste.
constexpr std::array kLanguages = {Language{"english", R"(
a about above across after afterwards again against ain all almost along already also although always am among amongst
an and another any anybody anyhow anyone anything anyway anywhere are aren around as at away back be became because
become becomes been before beforehand behind being below beside besides between beyond both but by can cannot cant
could couldn did didn do does doesn doing don done down due during each either else elsewhere enough etc even ever
every everybody everyone everything everywhere except few first for former from further furthermore gave get gets
getting give given go goes going gone gonna got gotten had hadn has hasn have haven having he hence her here hers
herself him himself his how however if in indeed instead into is isn it its itself just keep kept last latter least
less let ll made make makes making many may maybe me meanwhile might mightn mine more moreover most mostly much must
mustn my myself namely near neither never nevertheless next no nobody none nor not nothing now nowhere of off often on
once one ones only onto or other others otherwise ought our ours ourselves out over own per perhaps please put quite
rather re really said same say says see seem seemed seems seen several shall shan she should shouldn since so some
somebody somehow someone something sometime sometimes somewhere still such take taken than that the their theirs them
themselves then thence there thereafter thereby therefore these they thing things this those though through throughout
thru thus to together too toward towards under unless until up upon us use used uses using ve very via was wasn way we
well went were weren what whatever when whenever where whereas wherever whether which while who whoever whole whom
whose why will with within without won would wouldn yet you your yours yourself yourselves
)"}};

std::vector<std::string> split_words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

}  // namespace

StopWords::StopWords(const std::vector<std::string>& words) {
  for (const auto& word : words) words_.intern(lower_utf8(word));
}

std::vector<std::string> StopWords::shipped_languages() {
  std::vector<std::string> names;
  names.reserve(kLanguages.size());
  for (const auto& language : kLanguages) names.emplace_back(language.name);
  return names;
}

std::string StopWords::sha256() const {
  std::set<std::string> sorted;
  for (std::uint32_t i = 0; i < words_.size(); ++i) sorted.emplace(words_.term(i));
  Sha256 hash;
  for (const auto& word : sorted) hash.update(word + "\n");
  return hash.hex();
}

StopWords StopWords::load(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream bytes;
  if (std::filesystem::is_directory(path) || !(bytes << in.rdbuf())) {
    throw Error(ErrorKind::kUsage, {.file = path.string()}, "cannot be read as a list of stop words");
  }
  std::vector<std::string> words;
  std::istringstream lines(bytes.str());
  std::uint64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (find_bad_utf8(line)) throw Error(ErrorKind::kUsage, {.file = path.string(), .line = number}, "bad UTF-8");
    const auto word = trim(line);
    if (!word.empty() && word.front() != '#') words.emplace_back(word);
  }
  return StopWords(words);
}

StopWords StopWords::resolve(const std::string& language_or_path) {
  if (language_or_path == "none") return {};
  const auto language = std::ranges::find(kLanguages, std::string_view(language_or_path), &Language::name);
  if (language != kLanguages.end()) return StopWords(split_words(language->words));
  if (!std::filesystem::exists(language_or_path)) {
    std::string known = "none";
    for (const auto& name : shipped_languages()) known += ", " + name;
    throw usage_error("stop words \"" + language_or_path + "\": neither a shipped list (" + known + ") nor a file");
  }
  return load(language_or_path);
}

}  // namespace persona4rec
