#include "cli/flags/word_flags.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/number.hpp"

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

}  // namespace persona4rec
