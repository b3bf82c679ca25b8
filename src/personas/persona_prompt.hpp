// What is asked about one item, and the personas that a good answer becomes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "asking/prompt.hpp"
#include "asking/shown_reviews.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/personas.hpp"

namespace persona4rec {

struct PersonaRequest {
  ChatRequest request;
  std::uint64_t left_out = 0;  // reviews that the prompt does not show for want of room
  bool excerpted = false;      // texts were cut
};

// Thread-safety: const use from one thread.
class PersonaPrompt {
 public:
  // REQUIRES: options and vocabulary outlive the object. Throws Error kUsage for a prompt that cannot be used.
  // `rendered`: false where nobody reads the prompts; without a bound (prompt_tokens 0) they are left empty then.
  PersonaPrompt(const PersonasOptions& options, const Vocabulary& vocabulary, bool rendered);

  // REQUIRES: shown.reviews is not empty. Throws Error kUsage when --prompt-tokens leaves no room for a review.
  [[nodiscard]] PersonaRequest request(const SummaryRow& item, const ShownReviews& shown) const;
  // False: what was extracted from the reviews is not read.
  [[nodiscard]] bool reads_aspects() const { return rendered_; }

  [[nodiscard]] const std::string& fingerprint() const { return prompt_.fingerprint(); }

 private:
  struct Selection;
  [[nodiscard]] Selection choose(const SummaryRow& item, const ShownReviews& shown) const;
  [[nodiscard]] ChatRequest render(const SummaryRow& item, Selection selection, std::size_t all) const;

  const PersonasOptions& options_;
  const Vocabulary& vocabulary_;
  bool rendered_;
  Prompt prompt_;
};

// Throws Error kUsage when the answer's personas lack one of the fields.
void require_persona_fields(const Prompt& prompt, std::initializer_list<const char*> fields);

// P1, P2, ... in the order of the answer. REQUIRES: the answer passed the schema and persona_problem().
[[nodiscard]] std::vector<Persona> personas_of(const Json& answer, const ShownReviews& shown);

}  // namespace persona4rec
