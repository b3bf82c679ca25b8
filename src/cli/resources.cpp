#include "cli/resources.hpp"

#include <cstdlib>
#include <string_view>
#include <system_error>

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "persona4rec";

// A variable of the specification; paths in it that are not absolute do not count.
fs::path base_folder(const char* variable, const char* below_home) {
  const char* given = std::getenv(variable);
  if (given != nullptr && *given == '/') return given;
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? fs::path(home) / below_home : fs::path();
}

std::vector<fs::path> data_folders() {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& base) {
    if (base.is_absolute()) folders.push_back(base / kFolder);
  };
  add(base_folder("XDG_DATA_HOME", ".local/share"));
  const char* given = std::getenv("XDG_DATA_DIRS");
  std::string_view list = given != nullptr && *given != '\0' ? given : "/usr/local/share:/usr/share";
  while (!list.empty()) {
    const auto end = std::min(list.find(':'), list.size());
    add(fs::path(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return folders;
}

// In a build folder, <source tree>/build/<preset>, the program lies beside CMake's cache.
std::vector<fs::path> folders_beside_program() {
  std::error_code ignored;
  const fs::path folder = program_folder();
  if (fs::exists(folder / "CMakeCache.txt", ignored)) {
    return {folder.parent_path().parent_path(), folder.parent_path() / "deps"};
  }
  return {folder.parent_path() / "share" / kFolder};
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

std::vector<fs::path> resource_folders() {
  auto folders = folders_beside_program();
  for (auto& folder : data_folders()) folders.push_back(std::move(folder));
  return folders;
}

fs::path find_resource(const fs::path& resource) {
  for (const auto& folder : resource_folders()) {
    if (is_there(folder / resource)) return folder / resource;
  }
  return {};
}

fs::path find_config(const fs::path& given) {
  if (given.empty() || given.is_absolute() || is_there(given)) return given;
  fs::path name = given;
  if (name.extension() != ".toml") name += ".toml";
  if (const auto own = base_folder("XDG_CONFIG_HOME", ".config"); !own.empty()) {
    if (is_there(own / kFolder / name)) return own / kFolder / name;
  }
  for (const auto& resource : {name, fs::path("configs") / name}) {
    if (const auto found = find_resource(resource); !found.empty()) return found;
  }
  return given;
}

std::string resource_places() {
  const auto folders = resource_folders();
  std::string text;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (i > 0) text += i + 1 == folders.size() ? " and " : ", ";
    text += folders[i].string();
  }
  return text;
}

}  // namespace persona4rec
