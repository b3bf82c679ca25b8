// --for valid|test: the world (docs/method.md, 2.2 Worlds and sides) whose histories, candidates and profiles are
// meant.
#pragma once

#include "persona4rec/split.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

struct WorldFlag {
  World value = World::kTest;
  void add(CLI::App& app);
};

}  // namespace persona4rec
