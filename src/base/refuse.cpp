#include "base/refuse.hpp"

#include "base/log.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

void refuse_unless_forced(const std::string& message, bool force) {
  if (!force) throw Error(ErrorKind::kInput, message + " (--force goes on all the same)");
  log_warning(message + "; going on because of --force");
}

}  // namespace persona4rec
