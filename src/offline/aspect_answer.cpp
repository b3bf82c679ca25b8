#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/excerpt.hpp"
#include "base/html.hpp"
#include "base/utf8.hpp"
#include "offline/answers.hpp"
#include "offline/cues.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kReason = "_reason";
constexpr std::string_view kNothingSaid = "not said";  // where a schema allows no null
constexpr std::size_t kPhrasesPerTopic = 4;
constexpr std::size_t kJudgements = 4;
constexpr std::size_t kMaxReasonBytes = 240;

// A point and the sentence that it comes from.
struct Finding {
  std::string point;
  std::string sentence;
};

bool has_any(std::string_view key, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return key.find(word) != std::string_view::npos; });
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

class Reading {
 public:
  explicit Reading(const Json& facts) {
    sentences_ = sentences_of(plain_text(facts.value("title", "")));
    for (auto& sentence : sentences_of(plain_text(facts.value("text", "")))) sentences_.push_back(std::move(sentence));
    for (const auto& sentence : sentences_) words_.push_back(words_in(sentence));
    phrases_ = key_phrases(sentences_, words_, kPhrasesPerTopic * 2);
  }

  std::optional<Finding> find(std::string_view key) {
    if (has_any(key, {"purpose", "goal", "motive"})) return by_cue(Cue::kPurpose);
    if (has_any(key, {"context", "occasion", "situation"})) return by_cue(Cue::kContext);
    if (has_any(key, {"quality", "criteria", "criterion"})) return judgements();
    return topic();
  }

 private:
  [[nodiscard]] std::optional<Finding> by_cue(Cue cue) const {
    for (std::size_t i = 0; i < sentences_.size(); ++i) {
      if (auto clause = cue_clause(sentences_[i], words_[i], cue)) return Finding{*std::move(clause), sentences_[i]};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Finding> judgements() const {
    std::vector<std::string> found;
    std::set<std::string> seen;
    std::string_view best;  // the sentence with the most judging words
    std::size_t most = 0;
    for (std::size_t i = 0; i < sentences_.size(); ++i) {
      const auto& sentence = sentences_[i];
      const auto phrases = judging_phrases(sentence, words_[i]);
      if (phrases.size() > most) best = sentence;
      most = std::max(most, phrases.size());
      for (const auto& phrase : phrases) {
        if (found.size() < kJudgements && seen.insert(lower_utf8(phrase)).second) found.push_back(phrase);
      }
    }
    if (found.empty()) return std::nullopt;
    return Finding{joined(found), std::string(best)};
  }

  // The next telling phrases: a schema may have several topics.
  std::optional<Finding> topic() {
    const auto end = std::min(phrases_.size(), next_phrase_ + kPhrasesPerTopic);
    const std::vector<std::string> taken(phrases_.begin() + static_cast<std::ptrdiff_t>(next_phrase_),
                                         phrases_.begin() + static_cast<std::ptrdiff_t>(end));
    next_phrase_ = end;
    if (taken.empty()) return std::nullopt;
    const auto source = std::ranges::find_if(
        sentences_, [&](const auto& sentence) { return sentence.find(taken.front()) != std::string::npos; });
    return Finding{joined(taken), source == sentences_.end() ? std::string() : *source};
  }

  std::vector<std::string> sentences_;
  std::vector<std::vector<TextWord>> words_;  // of the sentences: they are read once
  std::vector<std::string> phrases_;
  std::size_t next_phrase_ = 0;
};

bool allows_null(const Json& property) {
  const Json type = property.value("type", Json());
  return type == "null" || (type.is_array() && std::ranges::find(type, Json("null")) != type.end());
}

Json value_or_none(const std::optional<Finding>& finding, std::string Finding::* part, const Json& property) {
  if (finding && !((*finding).*part).empty()) return excerpt((*finding).*part, kMaxReasonBytes);
  return allows_null(property) ? Json(nullptr) : Json(kNothingSaid);
}

}  // namespace

Json offline_aspects(const Json& facts, const Json& schema) {
  Reading reading(facts);
  const Json& properties = schema.at("properties");
  Json answer = Json::object();
  for (const auto& [key, property] : properties.items()) answer[key] = nullptr;
  for (const auto& [key, property] : properties.items()) {
    const bool reason_of_another =
        key.ends_with(kReason) && properties.contains(key.substr(0, key.size() - kReason.size()));
    if (reason_of_another) continue;
    const auto finding = reading.find(key);
    answer[key] = value_or_none(finding, &Finding::point, property);
    const auto reason = key + std::string(kReason);
    if (properties.contains(reason)) answer[reason] = value_or_none(finding, &Finding::sentence, properties[reason]);
  }
  return answer;
}

}  // namespace persona4rec
