#include "cli/flags/profile_text_flags.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/choice.hpp"

namespace persona4rec {

void ProfileTextFlags::add(CLI::App& app) {
  const char* group = "Encoder text";
  add_choice<InteractionText>(app, "--interaction-text", options_.interaction,
                              {{"review", InteractionText::kReview},
                               {"aspects", InteractionText::kAspects},
                               {"summary", InteractionText::kSummary}},
                              "What stands for an interaction: title and text, extracted aspects, the item's summary")
      ->group(group);
  app.add_option("--persona-fields", options_.persona_fields,
                 "Fields of a persona's text, of N,D,I,R: name, description, item summary, rationale")
      ->type_name("LETTERS")
      ->group(group);
  app.add_option("--query-prefix", options_.query_prefix, "What the model wants before an interaction (\"query: \")")
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
