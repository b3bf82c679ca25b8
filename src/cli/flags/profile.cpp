#include "cli/flags/profile.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/values.hpp"

namespace persona4rec {

void WordFlags::add(CLI::App& app) {
  const char* group = "Words";
  app.add_option("--stop-words", options_.stop_words,
                 "Words that never count: \"english\", \"none\", or a file with one word a line")
      ->type_name("NAME|FILE")
      ->capture_default_str()
      ->group(group);
  add_number(app, "--min-documents", options_.min_documents, {.min = 1}, "A word counts from so many documents on")
      ->group(group);
  add_number(app, "--max-document-share", options_.max_document_share, {.min = 1e-6, .max = 1},
             "... and up to this share of them")
      ->group(group);
}

void MatchingFlags::add(CLI::App& app) {
  const char* group = "Profiles and personas";
  add_choice<PersonaVectors>(app, "--persona-vectors", persona_vectors_,
                             {{"support", PersonaVectors::kSupport},
                              {"text", PersonaVectors::kText},
                              {"readers", PersonaVectors::kReaders},
                              {"mix", PersonaVectors::kMix}},
                             "What a persona's vector is made of: its reviews, its text, their writers, all three")
      ->group(group);
  add_choice<ProfileSide>(app, "--profile", profile_.side,
                          {{"own", ProfileSide::kOwn}, {"items", ProfileSide::kItems}, {"both", ProfileSide::kBoth}},
                          "What speaks for a user: the own reviews, what others wrote about the items, both")
      ->group(group);
  add_number(app, "--k-recent", profile_.k_recent, {.min = 1}, "Newest liked interactions in a profile")->group(group);
  add_number(app, "--gamma", profile_.gamma, {.min = 1e-6, .max = 1},
             "Weight of a liked interaction against the next newer one; 1 = all alike")
      ->group(group);
}

void ProfileTextFlags::add(CLI::App& app) {
  const char* group = "Encoder text";
  add_choice<InteractionText>(app, "--interaction-text", options_.interaction,
                              {{"review", InteractionText::kReview},
                               {"aspects", InteractionText::kAspects},
                               {"summary", InteractionText::kSummary},
                               {"summary-aspects", InteractionText::kSummaryAspects}},
                              "What stands for an interaction: title and text, extracted aspects, the item's summary, "
                              "or summary and aspects")
      ->group(group);
  add_number(app, "--max-null-aspects", options_.max_null_aspects, {.min = 0, .max = 1},
             "With aspects: drop the text of an interaction where a larger share of them is null; 1 = keep all")
      ->group(group);
  app.add_option("--persona-fields", options_.persona_fields,
                 "Fields of a persona's text, of N,D,I,R,A: name, description, item summary, rationale, affinities")
      ->type_name("LETTERS")
      ->group(group);
  app.add_option(
         "--query-prefix", options_.query_prefix,
         "What the model wants before an interaction (\"query: \"); with one of the two prefixes the model folder's "
         "default prompt is not used")
      ->type_name("TEXT")
      ->group(group);
  app.add_option("--document-prefix", options_.document_prefix, "... before a persona (\"passage: \")")
      ->type_name("TEXT")
      ->group(group);
}

ProfileTextOptions ProfileTextFlags::options(const std::filesystem::path& prompts) const {
  ProfileTextOptions options = options_;
  options.prompts = prompts;
  return options;
}

}  // namespace persona4rec
