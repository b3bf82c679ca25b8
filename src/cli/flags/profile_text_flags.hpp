// --interaction-text, --persona-fields, --query-prefix, --document-prefix: what the encoder sees of a review and of a
// persona.
#pragma once

#include <filesystem>

#include "records/profile_text.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class ProfileTextFlags {
 public:
  void add(CLI::App& app);
  // `prompts`: DatasetFlags::prompts(context), the folder of interaction.txt and persona.txt.
  [[nodiscard]] ProfileTextOptions options(const std::filesystem::path& prompts) const;

 private:
  ProfileTextOptions options_;
};

}  // namespace persona4rec
