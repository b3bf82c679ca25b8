// --stop-words, --min-documents, --max-document-share: which words count.
#pragma once

#include "persona4rec/words.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class WordFlags {
 public:
  void add(CLI::App& app);
  [[nodiscard]] const WordOptions& options() const { return options_; }

 private:
  WordOptions options_;
};

}  // namespace persona4rec
