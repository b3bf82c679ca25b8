// What is asked about an item of which only metadata are known.
#pragma once

#include <optional>
#include <string>

#include "asking/prompt.hpp"
#include "persona4rec/personas.hpp"

namespace persona4rec {

// Thread-safety: const use from one thread.
class ProspectivePrompt {
 public:
  // REQUIRES: options outlive the object. Throws Error kUsage for a prompt that cannot be used.
  explicit ProspectivePrompt(const PersonasOptions& options);

  // Nothing where the item has neither title nor text. Throws Error kUsage when --prompt-tokens leaves no room.
  [[nodiscard]] std::optional<ChatRequest> request(const SummaryRow& item) const;

  [[nodiscard]] const std::string& fingerprint() const { return prompt_.fingerprint(); }

 private:
  const PersonasOptions& options_;
  Prompt prompt_;
};

}  // namespace persona4rec
