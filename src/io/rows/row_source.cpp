#include "io/rows/row_source.hpp"

#include "base/stop.hpp"
#include "base/utf8.hpp"

namespace persona4rec {

bool LineRows::read() {
  while (source_.next(line_)) {
    if (!trim(line_).empty()) return true;
    throw_if_stopped();
  }
  return false;
}

}  // namespace persona4rec
