#include "train/rewritten_personas.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "asking/shown_reviews.hpp"
#include "base/bulk/quick_hash.hpp"
#include "base/parallel.hpp"
#include "base/utf8.hpp"
#include "io/jsonl_reader.hpp"
#include "lexical/vocabulary.hpp"
#include "offline/answers.hpp"
#include "records/affinities.hpp"

namespace persona4rec {
namespace {

// Reviews read for the texts of one item: a thousand texts of ten reviews, ten of a thousand.
constexpr std::size_t kReviewsRead = 200'000;

std::uint64_t key_of(const PersonaWithout& one) {
  return std::uint64_t{one.persona} << 32U | one.user;
}

std::uint64_t hash_of(std::string_view name, std::string_view description, std::string_view rationale) {
  std::string text;
  for (const auto part : {name, description, rationale}) (text += trim(part)) += '\0';
  return quick_hash(text);
}

std::string_view text_at(const Json& persona, const char* field) {
  return trim(persona.at(field).get_ref<const std::string&>());
}

}  // namespace

// Writes the texts while the object that keeps them is made.
class PersonaRewriter {
 public:
  PersonaRewriter(RewrittenPersonas& out, const TrainOptions& options, const InteractionRows& rows,
                  const PersonaTable& table)
      : out_(out), options_(options), rows_(rows), table_(table) {}

  void hash_texts(JsonlReader& personas) {
    for (PersonaWithSummaryRow row; personas.next(row); row = {}) {
      for (const auto& entry : row.personas) {
        const auto& persona = entry.persona;
        hashes_.push_back(hash_of(persona.name, persona.description, persona.preference_rationale));
      }
    }
  }

  void learn_words(JsonlReader& grouped) {
    VocabularyBuilder words{WordTokenizer(StopWords::resolve(options_.words.stop_words))};
    for (GroupedRow row; grouped.next(row); row = {}) {
      for (const auto& review : row.aspects) words.add(review_words_text(review));
    }
    vocabulary_ = words.build(options_.words);
  }

  void rewrite(JsonlReader& grouped, const std::vector<PersonaWithout>& wanted) {
    std::vector<std::vector<PersonaWithout>> of_item(table_.items.size());
    for (const auto& one : wanted) of_item[table_.item_of_persona[one.persona]].push_back(one);
    for (GroupedRow row; grouped.next(row); row = {}) {
      const auto item = rows_.data.find_item(row.item.item_id);
      if (item && !of_item[*item].empty()) rewrite_item(row, *item, of_item[*item]);
    }
  }

 private:
  using ReviewGroups = std::unordered_map<ReviewId, std::uint32_t>;  // review -> the persona that it supports

  void rewrite_item(const GroupedRow& row, std::uint32_t item, std::vector<PersonaWithout>& wanted) {
    const auto personas = table_.personas_of_item[item];
    ReviewGroups groups;
    for (auto k = personas.first; k < personas.end(); ++k) {
      for (const auto support : table_.support.of(k)) {
        groups.emplace(rows_.data.review(rows_.interaction_of_row[support]), k);
      }
    }
    if (!is_offline(personas, write(row, groups, std::nullopt))) return;
    wanted.resize(std::min(wanted.size(), kReviewsRead / row.aspects.size() + 1));
    std::vector<Json> texts(wanted.size());
    parallel_ranges(wanted.size(), 1, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto written = write(row, groups, rows_.data.users()[wanted[i].user]);
        const auto found = written.find(wanted[i].persona);
        if (found != written.end()) texts[i] = found->second;
      }
    });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!texts[i].is_null()) keep(wanted[i], texts[i]);
    }
  }

  void keep(const PersonaWithout& one, const Json& text) {
    const auto number = static_cast<std::uint32_t>(out_.texts_.size());
    if (!out_.index_.emplace(key_of(one), number).second) return;
    out_.texts_.append(text);
    out_.of_persona_[one.persona].push_back(number);
    out_.users_.push_back(one.user);
  }

  // Word for word what stands in the file, all of the item's.
  [[nodiscard]] bool is_offline(const PersonaRange& personas, const std::map<std::uint32_t, Json>& written) const {
    if (written.size() != personas.count) return false;
    return std::ranges::all_of(written, [&](const auto& one) {
      const auto& [persona, text] = one;
      return hashes_[persona] ==
             hash_of(text_at(text, "Name"), text_at(text, "Description"), text_at(text, "Preference_Rationale"));
    });
  }

  // The item's personas by their groups, without a user's reviews; those of a group that has no review left are gone.
  // Nothing at all where a review supports no persona: it was not among those shown.
  [[nodiscard]] std::map<std::uint32_t, Json> write(const GroupedRow& row, const ReviewGroups& groups,
                                                    const std::optional<UserId>& without) const {
    ShownReviews shown;
    for (const auto& review : row.aspects) {
      if (!without || review.user_id != *without) shown.add(AspectRow(review));
    }
    std::map<std::uint32_t, std::vector<std::size_t>> members;
    Json reviews = Json::array();
    for (std::size_t i = 0; i < shown.reviews.size(); ++i) {
      const auto group = groups.find(shown.reviews[i].review_id);
      if (group == groups.end()) return {};
      members[group->second].push_back(i);
      reviews.push_back(review_facts(shown.reviews[i], 0));
    }
    if (members.empty()) return {};
    std::vector<std::vector<std::size_t>> by_order;
    by_order.reserve(members.size());
    for (const auto& [persona, of_group] : members) by_order.push_back(of_group);
    const Json facts = {{"reviews", std::move(reviews)}, {"disliked_to", disliked_to(options_.split.liked_from)}};
    Json answer = offline_personas_of(facts, vocabulary_, by_order);
    std::map<std::uint32_t, Json> written;
    auto text = answer.at("personas").begin();
    for (const auto& [persona, of_group] : members) written.emplace(persona, std::move(*text++));
    return written;
  }

  RewrittenPersonas& out_;
  const TrainOptions& options_;
  const InteractionRows& rows_;
  const PersonaTable& table_;
  std::vector<std::uint64_t> hashes_;  // [personas]
  Vocabulary vocabulary_;
};

RewrittenPersonas::RewrittenPersonas(const TrainOptions& options, const InteractionRows& rows,
                                     const PersonaTable& table, const InputFile& personas, const InputFile& grouped,
                                     const std::vector<PersonaWithout>& wanted)
    : liked_(rows.liked_item_side()), texts_(options.output) {
  PersonaRewriter rewriter(*this, options, rows, table);
  const auto open = [&](const InputFile& file) {
    return JsonlReader(file, {.max_bad_rows = options.max_bad_rows, .read = {options.time}});
  };
  auto texts = open(personas);
  rewriter.hash_texts(texts);
  auto first = open(grouped);
  rewriter.learn_words(first);
  auto second = open(grouped);
  rewriter.rewrite(second, wanted);
}

std::optional<std::uint32_t> RewrittenPersonas::find(std::uint32_t persona, std::uint32_t user) const {
  const auto found = index_.find(key_of({persona, user}));
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

void RewrittenPersonas::for_each_text(const InteractionRows& rows, JsonlReader& personas, const ProfileText& texts,
                                      const std::function<void(std::size_t, std::string&&)>& take) {
  std::uint32_t persona = 0;
  for (PersonaWithSummaryRow row; personas.next(row); row = {}) {
    for (const auto& entry : row.personas) {
      const auto wanted = of_persona_.find(persona++);
      if (wanted == of_persona_.end()) continue;
      for (const auto number : wanted->second) {
        const auto liked = [&](const ItemId& id) {
          const auto item = rows.data.find_item(id);
          const auto of_user = liked_.of(users_[number]);
          return item && std::ranges::any_of(of_user, [&](auto r) { return rows.item_of_row[r] == *item; });
        };
        auto left = entry;
        left.persona = without_affinities_of(entry.persona, true, liked);
        const Json text = Json::parse(texts_.bytes(number));
        left.persona.name = text_at(text, "Name");
        left.persona.description = text_at(text, "Description");
        left.persona.preference_rationale = text_at(text, "Preference_Rationale");
        take(number, texts.persona(left));
      }
    }
  }
}

}  // namespace persona4rec
