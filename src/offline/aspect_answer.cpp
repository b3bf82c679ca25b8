#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/excerpt.hpp"
#include "base/html.hpp"
#include "base/utf8.hpp"
#include "offline/answers.hpp"
#include "offline/cues.hpp"
#include "offline/fact_text.hpp"
#include "offline/text.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kReason = "_reason";
constexpr std::string_view kNothingSaid = "not said";  // where a schema allows no null
constexpr std::size_t kPhrasesPerTopic = 4;
constexpr std::size_t kJudgements = 4;
constexpr std::size_t kMaxReasonBytes = 240;

// A point and the sentence that it comes from, which lives in the reading.
struct Finding {
  std::string point;
  std::string_view sentence;
};

bool has_any(std::string_view key, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return key.find(word) != std::string_view::npos; });
}

std::string joined(std::span<const std::string_view> parts) {
  std::string text;
  for (const auto part : parts) {
    if (!text.empty()) text += ", ";
    text += part;
  }
  return text;
}

class Reading {
 public:
  explicit Reading(const Json& facts)
      : title_(plain_text(fact_text(facts, "title"))),
        text_(plain_text(fact_text(facts, "text"))),
        sentences_(sentences_of(title_)) {
    const auto in_text = sentences_of(text_);
    sentences_.insert(sentences_.end(), in_text.begin(), in_text.end());
    words_.reserve(sentences_.size());
    for (const auto sentence : sentences_) words_.push_back(words_in(sentence));
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
      if (const auto clause = cue_clause(sentences_[i], words_[i], cue))
        return Finding{std::string(*clause), sentences_[i]};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Finding> judgements() const {
    std::vector<std::string_view> found;
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
    return Finding{joined(found), best};
  }

  // The next telling phrases: a schema may have several topics.
  std::optional<Finding> topic() {
    const auto taken =
        std::span(phrases_).subspan(next_phrase_).first(std::min(phrases_.size() - next_phrase_, kPhrasesPerTopic));
    next_phrase_ += taken.size();
    if (taken.empty()) return std::nullopt;
    const auto source = std::ranges::find_if(
        sentences_, [&](const auto& sentence) { return sentence.find(taken.front()) != std::string_view::npos; });
    return Finding{joined(taken), source == sentences_.end() ? std::string_view() : *source};
  }

  std::string title_;
  std::string text_;
  std::vector<std::string_view> sentences_;  // of both
  std::vector<SentenceWords> words_;         // of the sentences: they are read once
  std::vector<std::string_view> phrases_;
  std::size_t next_phrase_ = 0;
};

bool allows_null(const Json& property) {
  const Json type = property.value("type", Json());
  return type == "null" || (type.is_array() && std::ranges::find(type, Json("null")) != type.end());
}

Json value_or_none(std::string_view value, const Json& property) {
  if (!value.empty()) return excerpt(value, kMaxReasonBytes);
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
    answer[key] = value_or_none(finding ? finding->point : std::string_view(), property);
    const auto reason = key + std::string(kReason);
    if (properties.contains(reason))
      answer[reason] = value_or_none(finding ? finding->sentence : std::string_view(), properties[reason]);
  }
  return answer;
}

}  // namespace persona4rec
