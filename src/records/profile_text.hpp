// The one place that renders the texts that the encoder and the word vectors see. train, cache and encode all call it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/text_template.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

enum class InteractionText : std::uint8_t { kReview, kAspects, kSummary, kSummaryAspects };

struct ProfileTextOptions {
  std::filesystem::path prompts;                           // folder with interaction.txt and persona.txt
  InteractionText interaction = InteractionText::kReview;  // review: title + text; aspects: the published one; summary:
                                                           // the item's; or summary and aspects, as the paper has it
  std::string persona_fields = "N,D,I,R,A";  // any of name, description, item summary, rationale, affinities
  std::string query_prefix;                  // the model's own prefix of interaction texts ("query: ")
  std::string document_prefix;               // ... of persona texts ("passage: ")

  // With aspects: an interaction of whose aspects a larger share is null has no text at all. 1 = each has one.
  double max_null_aspects = 1;

  [[nodiscard]] bool has_prefix() const { return !query_prefix.empty() || !document_prefix.empty(); }
};

class ProfileText {
 public:
  // Throws Error kUsage for missing templates or unknown persona fields.
  explicit ProfileText(const ProfileTextOptions& options);

  [[nodiscard]] std::string interaction(const HistoryReview& review) const;
  // Does the text of an interaction depend on its aspects? Else they need not be read (ReadOptions::aspects).
  [[nodiscard]] bool needs_aspects() const { return needs_aspects_; }
  [[nodiscard]] std::string persona(const PersonaEntry& entry) const;
  // Hex SHA-256 of templates and options: part of the caches' meta.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  [[nodiscard]] const ProfileTextOptions& options() const { return options_; }

 private:
  ProfileTextOptions options_;
  TextTemplate interaction_;
  TextTemplate persona_;
  bool needs_aspects_ = false;
  std::string fingerprint_;
};

}  // namespace persona4rec
