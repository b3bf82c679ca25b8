#include "io/artifacts.hpp"

namespace persona4rec {
namespace {

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

}  // namespace

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

std::filesystem::path meta_path(const std::filesystem::path& artifact) {
  return with_suffix(artifact, ".meta.json");
}
std::filesystem::path run_path(const std::filesystem::path& artifact) {
  return with_suffix(artifact, ".run.json");
}

std::filesystem::path rejects_path(const std::filesystem::path& artifact) {
  auto path = artifact;
  if (path.extension() == ".jsonl") path.replace_extension();
  return with_suffix(path, ".rejects.jsonl");
}

}  // namespace persona4rec
