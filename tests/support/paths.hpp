// Where the tests find what they use. The build knows these paths; they stand in paths.cpp alone, so that no other
// file's compilation depends on the folder it happens in.
#pragma once

#include <filesystem>
#include <string>

namespace persona4rec::test {

const std::filesystem::path& source_dir();  // the repository's root
const std::string& program_file();          // the real program
const std::string& fault_server_file();     // tests/support/llm_server, built
const std::string& other_module_file();     // tests/support/other_torch_module.cpp, built

}  // namespace persona4rec::test
