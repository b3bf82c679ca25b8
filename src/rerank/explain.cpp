#include "persona4rec/explain.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "io/artifacts.hpp"
#include "io/cache/cache_names.hpp"
#include "io/folder_lock.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/provenance.hpp"
#include "matching/half_dot.hpp"
#include "matching/weights_json.hpp"
#include "records/review_uid.hpp"
#include "records/row_json.hpp"
#include "rerank/list_inputs.hpp"
#include "rerank/scorer.hpp"
#include "rerank/shared_terms.hpp"
#include "rerank/shown_rows.hpp"
#include "rerank/weights.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kSharedTerms = 8;

Json number_or_null(double value) {
  return std::isnan(value) ? Json(nullptr) : Json(value);
}

class Explanation {
 public:
  Explanation(const RerankOptions& options, const ExplainOptions& what)
      : options_(options),
        what_(what),
        lock_(FolderLock::for_opening(options.cache)),
        cache_(options.cache, options.world),
        scoring_(resolve_scoring(scoring_options(options), cache_)),
        scorer_(cache_, scoring_.weights, scoring_.alpha) {
    Provenance provenance("rerank", options.force);
    register_cache(cache_, options, provenance);
    (void)register_lists(options.candidates, options.world, options.force, provenance);
  }

  Json run() {
    find_list();
    const ListScores& scores = scorer_.score(list_);
    Json out = {{"user_id", to_json(list_.user_id)},  {"world", to_string(options_.world)},
                {"candidates", list_.results.size()}, {"weights", to_json(scoring_.weights)},
                {"weights_from", scoring_.from},      {"results", Json::array()}};
    for (std::size_t p = 0; p < scores.order.size() && chosen_.size() < what_.count; ++p) {
      if (scores.fixed[scores.order[p]] == 0) chosen_.push_back({p + 1, scores.order[p]});
    }
    gather(scores);
    for (const auto& [rank, candidate] : chosen_) out["results"].push_back(result_json(scores, rank, candidate));
    return out;
  }

 private:
  static ScoringOptions scoring_options(const RerankOptions& options) {
    auto scoring = options.scoring;
    if (scoring.first_stage.empty()) scoring.first_stage = first_stage_of(options.candidates);
    return scoring;
  }

  struct Chosen {
    std::size_t rank;
    std::uint32_t candidate;
  };

  void find_list() {
    const auto lists = open_candidate_lists(options_.candidates, {options_.format, options_.max_bad_rows});
    while (lists->next(list_)) {
      if (list_.user_id == what_.user) return;
      list_ = {};
    }
    throw input_error({.file = options_.candidates == "-" ? "<stdin>" : options_.candidates.string()},
                      "has no list of the user \"" + what_.user.text() + "\"");
  }

  // Reads, once each, what the cache does not hold: supporting uids, persona texts, reviews.
  void gather(const ListScores& scores) {
    std::unordered_set<std::string> personas;
    for (const auto& chosen : chosen_) {
      if (const auto k = scores.persona[chosen.candidate]; k != kNoPersona)
        personas.insert(cache_.persona_id(k).text());
    }
    rows_ = read_shown_rows(cache_, personas, list_.user_id);
    read_personas(personas);
    read_reviews();
    read_titles();
  }

  void read_personas(const std::unordered_set<std::string>& wanted) {
    JsonlReader reader(what_.persona_with_summary);
    for (PersonaWithSummaryRow row; reader.next(row); row = {}) {
      for (auto& entry : row.personas) {
        const auto id = entry.unique_persona_id.text();
        if (wanted.contains(id)) persona_texts_.emplace(id, std::move(entry));
      }
    }
  }

  // Texts of the rows that are shown: supporting reviews, and this user's.
  void read_reviews() {
    const bool with_text = cache_.meta().value("options", Json::object()).value("uid_with_text", false);
    JsonlReader reader(what_.history, {.read = {what_.time}});
    for (HistoryRow user; reader.next(user); user = {}) {
      for (auto& review : user.reviews) {
        if (auto uid = review_uid(review, with_text); rows_.wanted.contains(uid)) {
          reviews_.try_emplace(std::move(uid), std::move(review));
        }
      }
    }
  }

  // Of the items shown: candidates, and those of the reviews.
  void read_titles() {
    std::error_code ignored;
    if (!std::filesystem::exists(what_.summary, ignored)) return;
    for (const auto& chosen : chosen_) titles_.emplace(list_.results[chosen.candidate].item_id.text(), "");
    for (const auto& [uid, review] : reviews_) titles_.emplace(review.item_id.text(), "");
    JsonlReader reader(what_.summary);
    for (SummaryRow row; reader.next(row); row = {}) {
      if (const auto it = titles_.find(row.item_id.text()); it != titles_.end()) it->second = std::move(row.item_title);
    }
  }

  [[nodiscard]] std::string title(const ItemId& item) const {
    const auto it = titles_.find(item.text());
    return it == titles_.end() ? std::string() : it->second;
  }

  Json review_json(const std::string& uid) const {
    const auto it = reviews_.find(uid);
    if (it == reviews_.end()) return {{"uid", uid}};
    const HistoryReview& review = it->second;
    return {{"uid", uid},
            {"user_id", to_json(review.user_id)},
            {"item_id", to_json(review.item_id)},
            {"item_title", title(review.item_id)},
            {"rating", to_json(review.rating)},
            {"title", review.review_title},
            {"text", review.review_text.value_or("")}};
  }

  Json result_json(const ListScores& scores, std::size_t rank, std::uint32_t candidate) const {
    Json channels = Json::object();
    for (std::size_t c = 0; c < kChannels; ++c) {
      const auto& channel = scores.channels[c];
      if (!channel.on) continue;
      channels[kWeightNames.at(c).first] = {{"value", number_or_null(channel.value[candidate])},
                                            {"z", channel.z[candidate]},
                                            {"weight", channel_weights(scoring_.weights)[c]}};
    }
    Json out = {{"rank", rank},
                {"base_rank", candidate + 1},
                {"item_id", to_json(list_.results[candidate].item_id)},
                {"item_title", title(list_.results[candidate].item_id)},
                {"score", scores.score[candidate]},
                {"channels", std::move(channels)},
                {"words", words_json(candidate)},
                {"persona", nullptr},
                {"support", Json::array()},
                {"history", Json::array()}};
    if (const auto persona = scores.persona[candidate]; persona != kNoPersona) {
      add_persona(out, persona, scores.persona_score[candidate]);
    }
    return out;
  }

  Json words_json(std::uint32_t candidate) const {
    const auto user = cache_.find_user(list_.user_id);
    const auto* item = cache_.find_item(list_.results[candidate].item_id);
    if (!user || item == nullptr) return Json::array();
    return shared_terms(cache_, *user, *item, kSharedTerms);
  }

  void add_persona(Json& out, std::uint32_t persona, double score) const {
    const auto& id = cache_.persona_id(persona).text();
    Json text = {{"id", id}, {"name", cache_.persona_name(persona)}, {"score", score}};
    if (const auto it = persona_texts_.find(id); it != persona_texts_.end()) {
      text["description"] = it->second.persona.description;
      text["preference_rationale"] = it->second.persona.preference_rationale;
      text["affinities"] = it->second.persona.affinities;
      text["item_summary"] = it->second.item_summary;
    }
    out["persona"] = std::move(text);
    const auto support = rows_.support.find(id);
    for (std::size_t i = 0; support != rows_.support.end() && i < std::min(what_.reviews, support->second.size());
         ++i) {
      out["support"].push_back(review_json(support->second[i]));
    }
    for (const auto& [uid, similarity] : nearest_history(persona)) {
      Json review = review_json(uid);
      review["similarity"] = similarity;
      out["history"].push_back(std::move(review));
    }
  }

  // The user's liked interactions of this world that are most like the persona, best first.
  std::vector<std::pair<std::string, double>> nearest_history(std::uint32_t persona) const {
    const auto vector = cache_.frozen().personas.row(persona);
    std::vector<float> values(vector.size());
    widen_halves(vector.data(), values.data(), vector.size());
    std::vector<std::pair<std::string, double>> found;
    for (const auto& [uid, row] : rows_.liked) {
      const auto x = rows_.interactions.row(row);
      found.emplace_back(uid, static_cast<double>(half_dot(x.data(), values.data(), x.size(), x.data())));
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    found.resize(std::min(found.size(), what_.reviews));
    return found;
  }

  const RerankOptions& options_;
  const ExplainOptions& what_;
  FolderLock lock_;  // tables are read after the cache was opened
  ServingCache cache_;
  Scoring scoring_;
  Scorer scorer_;
  CandidateRow list_;
  std::vector<Chosen> chosen_;
  ShownRows rows_;
  std::unordered_map<std::string, PersonaEntry> persona_texts_;
  std::unordered_map<std::string, HistoryReview> reviews_;  // by uid
  std::unordered_map<std::string, std::string> titles_;     // by item id
};

}  // namespace

Json explain(const RerankOptions& options, const ExplainOptions& what) {
  check_scoring(options.scoring);
  return Explanation(options, what).run();
}

}  // namespace persona4rec
