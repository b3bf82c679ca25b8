// --persona-vectors, --profile, --k-recent, --gamma: how users and personas become vectors. `train` must see them as
// `cache` will make them.
#pragma once

#include "persona4rec/matching_options.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

class MatchingFlags {
 public:
  void add(CLI::App& app);
  [[nodiscard]] const ProfileOptions& profile() const { return profile_; }
  [[nodiscard]] PersonaVectors persona_vectors() const { return persona_vectors_; }

 private:
  ProfileOptions profile_;
  PersonaVectors persona_vectors_ = PersonaVectors::kSupport;
};

}  // namespace persona4rec
