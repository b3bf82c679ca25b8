#include "workspace/artifact_check.hpp"

#include <optional>
#include <system_error>

#include "base/hash.hpp"
#include "base/version.hpp"
#include "io/json_file.hpp"
#include "io/line_source.hpp"
#include "io/provenance.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

Json read_run(const fs::path& artifact) {
  const auto path = run_path(artifact);
  std::error_code ignored;
  return fs::exists(path, ignored) ? read_json_file(path) : Json(Json::object());
}

// As meta files have it: of the decompressed bytes.
std::string sha256_of_lines(const fs::path& path) {
  LineSource lines{InputFile(path)};
  for (std::string line; lines.next(line);) continue;
  return lines.sha256();
}

// Written to after its meta file was: mtime cannot say that it was not, so equal times count as untouched.
bool touched_since_made(const fs::path& artifact) {
  std::error_code code;
  const auto own = fs::last_write_time(artifact, code);
  const auto meta = fs::last_write_time(meta_path(artifact), code);
  return !code && own > meta;
}

std::vector<ArtifactStatus> artifacts_of(const Workspace& workspace) {
  const auto entry = [](const char* name, const fs::path& path, bool optional = false) {
    const auto maker = maker_of(path);
    return ArtifactStatus{
        .name = name, .path = path, .command = maker.empty() ? std::string(name) : maker, .optional = optional};
  };
  std::vector<ArtifactStatus> all = {entry("1_aspects", workspace.aspects()),
                                     entry("2_summary", workspace.summary()),
                                     entry("2.5_grouped", workspace.grouped(), true),
                                     entry("3_personas", workspace.personas()),
                                     entry("3.5_history", workspace.history()),
                                     entry("3.5_history_loo", workspace.history_loo()),
                                     entry("3.5_gt", workspace.ground_truth()),
                                     entry("3.5_targets", workspace.targets()),
                                     entry("3.5_persona_with_summary", workspace.persona_with_summary()),
                                     entry("4_selected_personas", workspace.selected(), true),
                                     entry("candidate.valid", workspace.candidates(World::kValid), true),
                                     entry("candidate.test", workspace.candidates(World::kTest), true),
                                     entry("trained_encoder", workspace.encoder(), true),
                                     entry("cache", workspace.cache()),
                                     entry("reranked", workspace.reranked(), true)};
  return all;
}

}  // namespace

ArtifactCheck::ArtifactCheck(const Workspace& workspace, bool verify)
    : artifacts_(artifacts_of(workspace)), verify_(verify) {
  for (auto& artifact : artifacts_) check(artifact);
}

std::optional<Invocation> ArtifactCheck::made_by(const ArtifactStatus& artifact) const {
  return read_invocation(read_run(artifact.path));
}

// Artifacts stand on earlier ones, which were checked before.
void ArtifactCheck::check(ArtifactStatus& artifact) {
  std::error_code ignored;
  if (!fs::exists(artifact.path, ignored)) return;
  const Json meta = read_meta(artifact.path);
  if (!meta.is_object()) {
    artifact.state = ArtifactState::kForeign;
    artifact.why = "no meta file: from elsewhere, or its command was stopped";
    return;
  }
  artifact.rows = meta.value("rows", std::uint64_t{0});
  const Json run = read_run(artifact.path);
  if (const auto started = run.find("started"); started != run.end() && started->is_string()) {
    artifact.made = started->get<std::string>();
  }
  artifact.why = why_stale(artifact, meta, run);
  artifact.state = artifact.why.empty() ? ArtifactState::kFresh : ArtifactState::kStale;
}

std::string ArtifactCheck::why_stale(const ArtifactStatus& artifact, const Json& meta, const Json& run) const {
  if (is_newer_major(meta.value("version", ""))) return "made by persona4rec " + meta.value("version", "");
  const bool is_file = fs::is_regular_file(artifact.path);
  if (is_file && (verify_ || touched_since_made(artifact.path)) &&
      sha256_of_lines(artifact.path) != meta.value("sha256", "")) {
    return "changed after it was made";
  }
  const Json inputs = meta.value("inputs", Json::object());
  for (const auto& [role, then] : inputs.items()) {
    if (auto why = why_input(role, then.get<std::string>(), run); !why.empty()) return why;
  }
  return {};
}

std::string ArtifactCheck::why_input(const std::string& role, const std::string& then, const Json& run) const {
  const Json files = run.value("inputs", Json::object());
  const auto file = files.find(role);
  if (file == files.end() || !file->is_object()) {  // made before run files named their inputs, or a value
    const auto* artifact = known_by_name(role);
    if (artifact == nullptr || artifact->state == ArtifactState::kMissing) return {};
    const Json meta = read_meta(artifact->path);
    if (meta.is_object() && meta.value("sha256", then) != then) return role + " was made again";
    return artifact->state == ArtifactState::kStale ? "stands on " + role + ", which is stale" : "";
  }
  const fs::path path = file->value("path", "");
  const auto now = file_state(path);
  if (!now) return {};  // gone: what was made of it stays what it is
  const auto* artifact = known(path);
  const Json meta = artifact == nullptr ? Json() : read_meta(path);
  // An encoder's folder is also an input by its fingerprint, which is no hash of its meta file.
  const bool by_hash = artifact != nullptr && (!fs::is_directory(path) || artifact->name == role);
  if (by_hash && meta.is_object() && meta.value("sha256", then) != then) return role + " was made again";
  if (artifact != nullptr && artifact->state == ArtifactState::kStale) return "stands on " + role + ", which is stale";
  const FileState before{.bytes = file->value("bytes", std::uint64_t{0}),
                         .modified_ns = file->value("modified_ns", std::int64_t{0})};
  if (*now == before || meta.is_object()) return {};
  if (fs::is_directory(path)) return role + " (" + path.string() + ") changed";
  return sha256_of_lines(path) == then ? "" : role + " (" + path.string() + ") changed";
}

const ArtifactStatus* ArtifactCheck::known(const fs::path& path) const {
  std::error_code ignored;
  for (const auto& artifact : artifacts_) {
    if (fs::equivalent(artifact.path, path, ignored)) return &artifact;
  }
  return nullptr;
}

const ArtifactStatus* ArtifactCheck::known_by_name(const std::string& name) const {
  for (const auto& artifact : artifacts_) {
    if (artifact.name == name) return &artifact;
  }
  return nullptr;
}

}  // namespace persona4rec
