// Does a language-model service answer? Asks for its list of models, which costs nothing.
#pragma once

#include <string>

#include "persona4rec/llm.hpp"

namespace persona4rec {

struct ServiceCheck {
  bool answers = false;
  std::string text;  // "http://localhost:8000/v1 answers, 3 models", or what is wrong
};

// One GET of <base>/models with the key of the environment, for at most options.timeout_s. Throws Error kUsage: an
// address that is none.
[[nodiscard]] ServiceCheck check_service(const LlmOptions& options);

}  // namespace persona4rec
