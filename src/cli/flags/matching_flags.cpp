#include "cli/flags/matching_flags.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/choice.hpp"
#include "cli/flags/number.hpp"

namespace persona4rec {

void MatchingFlags::add(CLI::App& app) {
  const char* group = "Profiles and personas";
  add_choice<PersonaVectors>(app, "--persona-vectors", persona_vectors_,
                             {{"support", PersonaVectors::kSupport},
                              {"text", PersonaVectors::kText},
                              {"readers", PersonaVectors::kReaders},
                              {"mix", PersonaVectors::kMix}},
                             "What a persona's vector is made of: its reviews, its text, their writers, all three")
      ->group(group);
  add_choice<ProfileSide>(app, "--profile", profile_.side,
                          {{"own", ProfileSide::kOwn}, {"items", ProfileSide::kItems}, {"both", ProfileSide::kBoth}},
                          "What speaks for a user: the own reviews, what others wrote about the items, both")
      ->group(group);
  add_number(app, "--k-recent", profile_.k_recent, {.min = 1}, "Newest liked interactions in a profile")->group(group);
  add_number(app, "--gamma", profile_.gamma, {.min = 1e-6, .max = 1},
             "Weight of a liked interaction against the next newer one; 1 = all alike")
      ->group(group);
}

}  // namespace persona4rec
