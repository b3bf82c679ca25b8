#include "support/paths.hpp"

namespace persona4rec::test {

const std::filesystem::path& source_dir() {
  static const std::filesystem::path kPath = P4R_SOURCE_DIR;
  return kPath;
}

const std::string& program_file() {
  static const std::string kPath = P4R_PROGRAM;
  return kPath;
}

const std::string& fault_server_file() {
  static const std::string kPath = P4R_LLM_SERVER;
  return kPath;
}

const std::string& other_module_file() {
  static const std::string kPath = P4R_OTHER_MODULE;
  return kPath;
}

}  // namespace persona4rec::test
