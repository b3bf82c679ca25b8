// --for valid|test: the world (pipeline.md, "The split") whose histories, candidates and profiles are meant.
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
