#include "io/json_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "persona4rec/error.hpp"

namespace persona4rec {

Json read_json_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw input_error({.file = path.string()}, std::string("cannot be opened: ") + std::strerror(errno));
  Json value = Json::parse(in, nullptr, false);
  if (!value.is_object()) throw input_error({.file = path.string()}, "expected one JSON object");
  return value;
}

}  // namespace persona4rec
