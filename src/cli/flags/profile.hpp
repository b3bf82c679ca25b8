// How users, items and personas become texts, words and vectors. `train` must see them as `cache` makes them.
#pragma once

#include <filesystem>

#include "persona4rec/matching_options.hpp"
#include "persona4rec/words.hpp"
#include "records/profile_text.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

// --stop-words, --min-documents, --max-document-share: which words count.
class WordFlags {
 public:
  void add(CLI::App& app);
  [[nodiscard]] const WordOptions& options() const { return options_; }

 private:
  WordOptions options_;
};

// --persona-vectors, --profile, --k-recent, --gamma: how users and personas become vectors. `train` must see them as
// `cache` will make them.
class MatchingFlags {
 public:
  void add(CLI::App& app);
  [[nodiscard]] const ProfileOptions& profile() const { return profile_; }
  [[nodiscard]] PersonaVectors persona_vectors() const { return persona_vectors_; }

 private:
  ProfileOptions profile_;
  PersonaVectors persona_vectors_ = PersonaVectors::kSupport;
};

// --interaction-text, --persona-fields, --query-prefix, --document-prefix: what the encoder sees of a review and of a
// persona.
class ProfileTextFlags {
 public:
  void add(CLI::App& app);
  // `prompts`: DatasetFlags::prompts(context), the folder of interaction.txt and persona.txt.
  [[nodiscard]] ProfileTextOptions options(const std::filesystem::path& prompts) const;

 private:
  ProfileTextOptions options_;
};

}  // namespace persona4rec
