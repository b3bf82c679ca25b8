#include "report/workspace/run_files.hpp"

#include "base/format.hpp"
#include "io/artifacts.hpp"
#include "io/json_file.hpp"
#include "io/provenance.hpp"

namespace persona4rec {

StageFiles read_stage_files(const std::filesystem::path& artifact) {
  return {.meta = read_meta(artifact), .run = read_json_if_there(run_path(artifact))};
}

Json read_json_if_there(const std::filesystem::path& path) {
  return std::filesystem::is_regular_file(path) ? read_json_file(path) : Json(nullptr);
}

Json object_at(const Json& object, std::string_view field) {
  if (!object.is_object()) return Json::object();
  const auto found = object.find(std::string(field));
  return found != object.end() && found->is_object() ? *found : Json::object();
}

std::optional<std::uint64_t> count_at(const Json& object, std::string_view group, std::string_view field) {
  const Json inner = object_at(object, group);
  const auto found = inner.find(std::string(field));
  if (found == inner.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::optional<double> number_at(const Json& object, std::string_view field) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(std::string(field));
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string count_text(std::optional<std::uint64_t> count) {
  return count ? with_commas(*count) : "--";
}

}  // namespace persona4rec
