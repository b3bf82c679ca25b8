#include "records/profile_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "base/hash.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"
#include "records/affinities.hpp"
#include "records/aspects.hpp"

namespace persona4rec {
namespace {

constexpr std::array<std::pair<char, const char*>, 5> kPersonaFields{
    {{'N', "name"}, {'D', "description"}, {'I', "item_summary"}, {'R', "preference_rationale"}, {'A', "affinities"}}};

void check_persona_fields(const std::string& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool known =
        i % 2 == 0 ? std::string_view("NDIRA").find(fields[i]) != std::string_view::npos : fields[i] == ',';
    if (!known)
      throw usage_error("--persona-fields: expected letters of N, D, I, R, A with commas, got \"" + fields + "\"");
  }
  if (fields.size() % 2 == 0)
    throw usage_error("--persona-fields: expected at least one of N, D, I, R, A, got \"" + fields + "\"");
}

void check_names(const TextTemplate& text, const std::set<std::string>& known, const std::filesystem::path& path) {
  for (const auto& name : text.names()) {
    if (!known.contains(name)) throw usage_error(path.string() + ": no value is called {{" + name + "}}");
  }
}

Json aspect_list(const Json& extracted) {
  Json list = Json::array();
  for (auto& [key, words, value, is_text] : aspects_of(extracted)) {
    if (value.empty()) continue;
    if (!words.empty() && is_ascii_lower(words[0])) words[0] = static_cast<char>(words[0] - 32);
    list.push_back({{"key", key}, {"name", words}, {"value", value}});
  }
  return list;
}

bool shows_aspects(InteractionText mode) {
  return mode == InteractionText::kAspects || mode == InteractionText::kSummaryAspects;
}

std::array<TextValue, 3> mode_values(InteractionText mode) {
  return {{{"mode_review", mode == InteractionText::kReview},
           {"mode_aspects", shows_aspects(mode)},
           {"mode_summary", mode == InteractionText::kSummary || mode == InteractionText::kSummaryAspects}}};
}

// A reason that a model gives for an aspect stands and falls with it.
bool is_mostly_null(const Json& extracted, double most) {
  if (!extracted.is_object() || extracted.empty()) return most < 1;
  const auto nulls = std::ranges::count_if(extracted, [](const Json& value) { return value.is_null(); });
  return static_cast<double>(nulls) > most * static_cast<double>(extracted.size());
}

}  // namespace

ProfileText::ProfileText(const ProfileTextOptions& options)
    : options_(options),
      interaction_(TextTemplate::load(options.prompts / "interaction.txt")),
      persona_(TextTemplate::load(options.prompts / "persona.txt")) {
  check_persona_fields(options.persona_fields);
  check_names(interaction_,
              {"item_id", "review_title", "review_text", "summary", "extracted", "rating", "aspects", "key", "name",
               "value", "mode_review", "mode_aspects", "mode_summary"},
              options.prompts / "interaction.txt");
  check_names(persona_, {"item_id", "name", "description", "item_summary", "preference_rationale", "affinities"},
              options.prompts / "persona.txt");
  interaction_ = interaction_.assuming(mode_values(options.interaction));
  needs_aspects_ = shows_aspects(options.interaction) || interaction_.names().contains("aspects") ||
                   interaction_.names().contains("extracted");
  fingerprint_ =
      sha256_hex(sha256_file(options.prompts / "interaction.txt") + sha256_file(options.prompts / "persona.txt") +
                 std::to_string(static_cast<int>(options.interaction)) + "|" + options.persona_fields + "|" +
                 options.query_prefix + "|" + options.document_prefix +
                 (options.max_null_aspects < 1 ? "|nulls " + std::to_string(options.max_null_aspects) : ""));
}

std::string ProfileText::interaction(const HistoryReview& review) const {
  if (shows_aspects(options_.interaction) && is_mostly_null(review.extracted, options_.max_null_aspects))
    return options_.query_prefix;
  const Json rating = review.rating.is_none() ? Json(nullptr) : Json(review.rating.value);
  const Json aspects = interaction_.names().contains("aspects") ? aspect_list(review.extracted) : Json();
  const auto [mode_review, mode_aspects, mode_summary] = mode_values(options_.interaction);
  const TextValue values[] = {
      {"item_id", review.item_id.text()},
      {"review_title", review.review_title},
      {"review_text", review.review_text ? std::string_view(*review.review_text) : std::string_view()},
      {"summary", review.summary},
      {"extracted", &review.extracted},
      {"rating", &rating},
      {"aspects", &aspects},
      mode_review,
      mode_aspects,
      mode_summary};
  return options_.query_prefix + std::string(trim(interaction_.render_values(values)));
}

std::string ProfileText::persona(const PersonaEntry& entry) const {
  const auto affinities = affinity_text(entry.persona.affinities);
  const std::array<std::string_view, kPersonaFields.size()> texts{entry.persona.name, entry.persona.description,
                                                                  entry.item_summary,
                                                                  entry.persona.preference_rationale, affinities};
  std::vector<TextValue> values;
  for (std::size_t i = 0; i < kPersonaFields.size(); ++i) {
    const bool chosen = options_.persona_fields.find(kPersonaFields[i].first) != std::string::npos;
    if (chosen) values.push_back({kPersonaFields[i].second, texts[i]});
  }
  return options_.document_prefix + std::string(trim(persona_.render_values(values)));
}

}  // namespace persona4rec
