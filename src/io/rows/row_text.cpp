#include "io/rows/row_text.hpp"

#include "persona4rec/error.hpp"

namespace persona4rec {

std::string row_text(const Json& row) {
  try {
    return row.dump() + "\n";
  } catch (const Json::type_error& error) {
    throw internal_error(std::string("a row is not UTF-8: ") + error.what());
  }
}

}  // namespace persona4rec
