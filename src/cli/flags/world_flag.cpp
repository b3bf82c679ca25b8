#include "cli/flags/world_flag.hpp"

#include "cli/flags/choice.hpp"

namespace persona4rec {

void WorldFlag::add(CLI::App& app) {
  add_choice<World>(app, "--for", value, {{"valid", World::kValid}, {"test", World::kTest}},
                    "Whose targets are to be found: tune on valid, report on test")
      ->group("World");
}

}  // namespace persona4rec
