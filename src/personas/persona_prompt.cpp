#include "personas/persona_prompt.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "asking/bounded_request.hpp"
#include "base/excerpt.hpp"
#include "base/token_estimate.hpp"
#include "base/utf8.hpp"
#include "lexical/fact_words.hpp"
#include "personas/persona_problem.hpp"
#include "personas/spread.hpp"
#include "records/aspects.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxItemTitleBytes = 300;
constexpr std::size_t kMaxSummaryBytes = 1200;
constexpr std::size_t kMaxTitleBytes = 200;
constexpr std::size_t kMaxAspectBytes = 160;
// Review texts are cut to these lengths in turn before reviews are left out.
constexpr std::array<std::size_t, 4> kTextBytes{2000, 1000, 500, 250};
constexpr std::uint64_t kTokensAroundReview = 8;  // what a template puts around a review's own words
constexpr std::uint64_t kTokensAroundAspect = 1;

// "category_preference" and its value; reasons stay out, they repeat the text.
Json prompt_aspects(const Json& extracted) {
  Json list = Json::array();
  for (const auto& [key, words, value, is_text] : aspects_of(extracted)) {
    if (is_text && !key.ends_with("_reason"))
      list.push_back({{"name", words}, {"value", excerpt(value, kMaxAspectBytes)}});
  }
  return list;
}

Json facts_of(const AspectRow& review, std::size_t max_text_bytes) {
  Json facts = review_facts(review, max_text_bytes);
  facts["aspects"] = prompt_aspects(review.extracted_aspects);
  return facts;
}

// What showing a review costs; its parts are counted as one text, for short phrases alone tell nothing of the language.
std::uint64_t tokens_of(const Json& review) {
  std::string shown;
  for (const auto* name : {"id", "title", "text"}) shown += review[name].get_ref<const std::string&>() + "\n";
  for (const auto& aspect : review["aspects"]) {
    shown += aspect["name"].get_ref<const std::string&>() + ": " + aspect["value"].get_ref<const std::string&>() + "\n";
  }
  return estimate_tokens(shown) + kTokensAroundReview + kTokensAroundAspect * review["aspects"].size();
}

// The file's schema with this item's bounds: how many personas, and which review ids there are.
std::shared_ptr<const Json> schema_for(const Json& base, const Json& reviews, std::uint64_t most) {
  Json schema = base;
  auto& personas = schema["properties"]["personas"];
  const std::uint64_t count = reviews.size();
  const std::uint64_t least = count == 1 ? 1 : std::min(kMinPersonas, most);
  personas["minItems"] = least;
  personas["maxItems"] = count == 1 ? 1 : std::max(least, std::min(most, count));
  auto& support = personas["items"]["properties"]["support"];
  support["minItems"] = 1;
  support["items"]["enum"] = Json::array();
  for (const auto& review : reviews) support["items"]["enum"].push_back(review["id"]);
  return std::make_shared<const Json>(std::move(schema));
}

// Reviews without ratings do not differ in them.
double spread_rating(const Rating& rating) {
  return rating.is_none() ? 0 : rating.value;
}

}  // namespace

void require_persona_fields(const Prompt& prompt, std::initializer_list<const char*> fields) {
  require_answer_fields(prompt, {"personas"});
  const Json& persona = (*prompt.schema())["properties"]["personas"];
  const Json properties = persona.value("items", Json::object()).value("properties", Json::object());
  for (const auto* field : fields) {
    if (properties.contains(field)) continue;
    throw usage_error(prompt.stage() + ".schema.json: personas[] lacks the property \"" + field + "\"");
  }
}

// The reviews of one prompt, as facts.
struct PersonaPrompt::Selection {
  Json reviews = Json::array();
  bool excerpted = false;
};

PersonaPrompt::PersonaPrompt(const PersonasOptions& options, const Vocabulary& vocabulary, bool rendered)
    : options_(options),
      vocabulary_(vocabulary),
      rendered_(rendered || options.prompt_tokens > 0),
      prompt_(Prompt::load(options.prompts, "personas")) {
  require_persona_fields(prompt_, {"Name", "Description", "Preference_Rationale", "support"});
}

ChatRequest PersonaPrompt::render(const SummaryRow& item, Selection selection, std::size_t all) const {
  const auto schema = schema_for(*prompt_.schema(), selection.reviews, options_.max_personas);
  const Json& bounds = (*schema)["properties"]["personas"];
  const std::size_t shown = selection.reviews.size();
  Json facts = {{"item_title", excerpt(item.item_title, kMaxItemTitleBytes)},
                {"item_summary", excerpt(item.item_summary, kMaxSummaryBytes)},
                {"reviews", std::move(selection.reviews)},
                {"review_count", all},
                {"shown_count", shown},
                {"is_subset", shown < all},
                {"min_personas", bounds["minItems"]},
                {"max_personas", bounds["maxItems"]},
                {"single_review", shown == 1},
                {"open", options_.knowledge == Knowledge::kOpen},
                {"disliked_to", disliked_to(options_.split.liked_from)}};
  const auto make = rendered_ ? &Prompt::request : &Prompt::bare_request;
  auto request = (prompt_.*make)(std::move(facts), "item " + item.item_id.text(), options_.answers.sampling, schema);
  request.check = persona_problem;
  request.words = std::make_shared<const FactWords>(vocabulary_);
  return request;
}

// Whole texts, else excerpts, else the shortest excerpts of a spread-out subset.
PersonaPrompt::Selection PersonaPrompt::choose(const SummaryRow& item, const ShownReviews& shown) const {
  const auto all = [&](std::size_t text_bytes) {
    Selection selection;
    for (const auto& review : shown.reviews) {
      selection.reviews.push_back(facts_of(review, text_bytes));
      selection.excerpted |= text_bytes != 0 && review.review_text.size() > text_bytes;
    }
    return selection;
  };
  if (options_.prompt_tokens == 0) return all(0);
  const auto fixed = prompt_tokens(render(item, {}, shown.reviews.size()));
  const auto budget = options_.prompt_tokens - std::min(fixed, options_.prompt_tokens);
  Selection selection;
  std::vector<SpreadPoint> points;
  for (const auto bytes : kTextBytes) {
    selection = all(bytes);
    points.clear();
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < shown.reviews.size(); ++i) {
      points.push_back({.words = vocabulary_.vector(review_words_text(shown.reviews[i])),
                        .rating = spread_rating(shown.reviews[i].rating),
                        .time_ms = shown.reviews[i].timestamp.ms,
                        .tokens = tokens_of(selection.reviews[i])});
      total += points.back().tokens;
    }
    if (total <= budget) return selection;
  }
  auto chosen = spread_out(points, budget, vocabulary_.size());
  std::ranges::sort(chosen);
  Selection subset{.excerpted = selection.excerpted};
  for (const auto i : chosen) {
    subset.reviews.push_back(std::move(selection.reviews[i]));
  }
  return subset;
}

PersonaRequest PersonaPrompt::request(const SummaryRow& item, const ShownReviews& shown) const {
  auto selection = choose(item, shown);
  PersonaRequest made;
  made.excerpted = selection.excerpted;
  if (options_.prompt_tokens == 0) {
    made.request = render(item, std::move(selection), shown.reviews.size());
    return made;
  }
  // The parts were counted one by one; the whole has the last word.
  for (;;) {
    if (selection.reviews.empty()) {
      throw usage_error("--prompt-tokens " + std::to_string(options_.prompt_tokens) +
                        ": the prompt of personas leaves no room for a review of item " + item.item_id.text());
    }
    made.request = render(item, selection, shown.reviews.size());
    if (prompt_tokens(made.request) <= options_.prompt_tokens) break;
    selection.reviews.erase(selection.reviews.end() - 1);
  }
  made.left_out = shown.reviews.size() - selection.reviews.size();
  return made;
}

namespace {

// Each name once; a schema of the user's own may have none.
std::vector<std::string> names_of(const Json& persona) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& given : persona.value("Affinities", Json::array())) {
    auto name = excerpt(given.get_ref<const std::string&>(), kMaxTitleBytes);
    if (!name.empty() && seen.insert(lower_utf8(name)).second) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

std::vector<Persona> personas_of(const Json& answer, const ShownReviews& shown) {
  std::vector<Persona> personas;
  for (const auto& given : answer.at("personas")) {
    Persona persona{
        .id = "P" + std::to_string(personas.size() + 1),
        .name = std::string(trim(given.at("Name").get_ref<const std::string&>())),
        .description = std::string(trim(given.at("Description").get_ref<const std::string&>())),
        .preference_rationale = std::string(trim(given.at("Preference_Rationale").get_ref<const std::string&>())),
        .support = {},
        .affinities = names_of(given)};
    for (const auto& id : given.value("support", Json::array())) {
      const auto& reviews = shown.support.at(id.get_ref<const std::string&>());
      persona.support.insert(persona.support.end(), reviews.begin(), reviews.end());
    }
    personas.push_back(std::move(persona));
  }
  return personas;
}

}  // namespace persona4rec
