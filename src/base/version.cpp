#include "base/version.hpp"

namespace persona4rec {

std::string_view version() {
  return P4R_VERSION;
}

}  // namespace persona4rec
