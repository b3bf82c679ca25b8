// Which first-stage recommender, with which settings: `candidates` makes its lists, `train --fit-weights` refits it on
// folds.
#pragma once

#include "persona4rec/first_stage.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class FirstStageFlags {
 public:
  // `method_flag`: what the recommender itself is chosen with ("--method", "--first-stage").
  void add(CLI::App& app, const char* method_flag);
  // `words` and `threads` are the caller's.
  [[nodiscard]] const FirstStageOptions& options() const { return options_; }

 private:
  FirstStageOptions options_;
};

}  // namespace persona4rec
