// What --force turns into a warning: inputs that do not belong together.
#pragma once

#include <string>

namespace persona4rec {

// Throws Error kInput with `message`; with `force`, warns that the run goes on all the same. Thread-safe.
void refuse_unless_forced(const std::string& message, bool force);

}  // namespace persona4rec
