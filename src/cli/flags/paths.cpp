#include "cli/flags/paths.hpp"

#include <CLI/CLI.hpp>

namespace persona4rec {

void WorkspacePath::add(CLI::App& app, const std::string& flag, const std::string& description) {
  app.add_option(flag, given_, description)
      ->type_name("PATH")
      ->default_str(default_(Workspace{.root = "<workspace>"}).string())
      ->group("Inputs and outputs");
}

std::filesystem::path WorkspacePath::in(const Workspace& workspace) const {
  if (!given()) return default_(workspace);
  return given_.has_filename() ? given_ : given_.parent_path();  // "cache/" is "cache"
}

}  // namespace persona4rec
