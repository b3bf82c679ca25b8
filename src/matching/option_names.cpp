#include "matching/option_names.hpp"

namespace persona4rec {

const char* option_name(PersonaVectors kind) {
  switch (kind) {
    case PersonaVectors::kSupport:
      return "support";
    case PersonaVectors::kText:
      return "text";
    case PersonaVectors::kReaders:
      return "readers";
    case PersonaVectors::kMix:
      return "mix";
  }
  return "";
}

const char* option_name(ProfileSide side) {
  switch (side) {
    case ProfileSide::kOwn:
      return "own";
    case ProfileSide::kItems:
      return "items";
    case ProfileSide::kBoth:
      return "both";
  }
  return "";
}

}  // namespace persona4rec
